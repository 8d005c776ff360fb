"""Finding fiches of one person: no database, thousands of fiches at once (R12)."""
