"""Typesetting letters: a page read once, the words of each family put in it, and all of them drawn."""
