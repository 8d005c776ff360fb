"""What accounts are opened with: how passwords are drawn, judged, sealed and kept (R3, R6)."""
