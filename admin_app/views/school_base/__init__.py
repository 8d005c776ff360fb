"""« Base élèves »."""
