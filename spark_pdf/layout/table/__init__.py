"""Table layout: the grid, the widths of its columns, rows over pages."""
