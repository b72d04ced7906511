"""Sizes and places that every kind of layout asks for: keywords and ratios, replaced elements, alignment."""
