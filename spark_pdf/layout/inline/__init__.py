"""Inline layout: from text to lines."""
