"""Block layout: boxes one below the other, floats beside them, positioned boxes over them."""
