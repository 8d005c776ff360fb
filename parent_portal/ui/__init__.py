"""What the pages of the portal share: forms, and the words for what they show."""
