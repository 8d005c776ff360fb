"""Coming in: by a password, a passkey, a mailed link; and everybody who is in (R5, R7, R10)."""
