"""Invented people: households, names, addresses, and the truth about them."""
