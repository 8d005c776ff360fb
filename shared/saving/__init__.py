"""Copies of the base and of its files, put back on another machine; what waited is then held until it is released."""
