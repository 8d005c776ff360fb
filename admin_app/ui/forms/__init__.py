"""Forms of the back office: what is typed, as the rules take it."""
