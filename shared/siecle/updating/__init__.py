"""The school base brought in line with what was read (R31, R32)."""
