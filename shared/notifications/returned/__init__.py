"""Letters that came back: what address each bears, its envelope scanned, what is to be corrected."""
