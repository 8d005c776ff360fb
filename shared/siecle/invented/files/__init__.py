"""Invented people written as SIECLE writes them."""
