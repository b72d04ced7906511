"""Layout: from HTML and CSS to pages of placed fragments.

In: HTML text, a parsed `Stylesheets`, a `FontSet`, images. Out: an iterator of `Page`s (see `fragments`). All lengths
are CSS pixels (1/96 inch), y grows downwards, the origin is the page's top left corner. Knows nothing of PDF, and keeps
colours in the space in which the author wrote them.
"""
