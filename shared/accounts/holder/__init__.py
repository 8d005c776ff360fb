"""What the holder of an account does with it (R7, R8, R27)."""
