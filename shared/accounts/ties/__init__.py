"""What ties accounts to establishments, and what each tie allows (R4)."""
