"""What was decided and stands: fusions made upon the fiches of the school base, and fiches of two persons (R13)."""
