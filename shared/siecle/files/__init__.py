"""Export files as they lie: opened, told by their content, read in bounded memory and time."""
