"""Beside the accounts: what ties them to schools, and what their holders come in with."""
