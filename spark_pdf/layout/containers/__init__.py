"""Flex, grid and multi-column layout: what lays out items rather than blocks."""
