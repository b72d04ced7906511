"""Shapes that CSS and SVG share: outlines, path data, matrices."""
