"""Codes that SIECLE and people write, and what they may be. Pure."""
