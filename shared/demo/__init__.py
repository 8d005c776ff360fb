"""The demonstration: an invented school, secrets of its own, and a place to read the mails."""
