"""HTML: text to elements, and what the attributes of elements say."""
