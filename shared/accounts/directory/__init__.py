"""The directory: who gets an account, its identifier, its state, its end (R1–R4, R9)."""
