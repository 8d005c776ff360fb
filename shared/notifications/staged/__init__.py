"""Campaigns in steps: mail first, paper only for those who did not activate their account within some days (R36)."""
