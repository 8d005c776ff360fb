"""What the help desk of the académie does: finds an account in its establishments, and unblocks it."""
