"""How a process loads what it keeps."""
