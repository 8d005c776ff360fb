"""What rules do with rows again and again: page through them, hold them, edit them, find a school's own."""
