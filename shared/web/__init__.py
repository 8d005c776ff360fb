"""What both applications do alike for the web: headers, serving, slow clients."""
