"""A simulated September: an invented school is notified, and its families answer as a distribution says."""
