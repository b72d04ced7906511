"""Box generation: from elements and their styles to boxes."""
