"""Names that persons are told apart by; where they come from is told in `README.md`."""
