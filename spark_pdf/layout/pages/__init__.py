"""Pages: the page loop, what stands around it, and what pages know of each other."""
