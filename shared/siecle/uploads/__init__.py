"""Imports asked for in the back office (R29)."""
