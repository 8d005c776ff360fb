"""What becomes of an account from the letter, or without it, until it is active."""
