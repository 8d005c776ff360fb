"""« Académie »."""
