"""« Notifier en masse » and what became of notifications."""
