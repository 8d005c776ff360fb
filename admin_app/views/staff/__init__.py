"""« Personnels »."""
