"""What nobody may do too often, wherever requests come from (R10)."""
