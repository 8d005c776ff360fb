"""Letters handed to a printing service through a folder: lots written there, receipts read back."""
