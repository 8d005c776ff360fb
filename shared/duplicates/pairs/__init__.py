"""The likely duplicates of a school, kept in a table: read, searched, told of (R11, R12, R14)."""
