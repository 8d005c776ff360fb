"""Activating an account without its letter: by an address that the school knows, and a child's birth date (R37)."""
