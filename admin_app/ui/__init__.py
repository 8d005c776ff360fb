"""What the pages of the back office share: words, the toolbar, printing, confirming."""
