"""Coming in by the sign-on of the académie or of the ENT (R34)."""
