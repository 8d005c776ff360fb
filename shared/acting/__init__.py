"""Who acts, from where and when: what an edge hands to a rule as one value."""
