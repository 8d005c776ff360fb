"""How a notification travels: one module for each channel, and the registry that everything asks."""
