"""Keeping no longer than needed (R33): fiches of who left, accounts that nobody uses or that are of nobody any more."""
