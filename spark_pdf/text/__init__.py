"""Text: from characters and font files to shaped, measured, breakable words.

In: font bytes, a word of text, features, language. Out: `ShapedRun`s with glyph ids and advances, and where a line
may break. Knows nothing of CSS boxes or PDF. HarfBuzz (uharfbuzz) is imported here only.
"""
