"""Mails that come back: fetched, read, believed or not, and noted (R18)."""
