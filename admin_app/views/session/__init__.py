"""Coming in, and choosing where to work."""
