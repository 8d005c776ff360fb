"""The texts of letters that staff write: what changes in them, what of them cannot be printed (R20)."""
