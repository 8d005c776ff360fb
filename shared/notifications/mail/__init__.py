"""Mails: their words, their bytes, and the server that takes them."""
