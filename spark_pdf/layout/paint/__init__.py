"""Painting order: from the fragments of a page to what is drawn, and in which order."""
