"""What staff decide about likely duplicates, and undoing it (R13)."""
