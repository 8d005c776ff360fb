"""Messages to telephones: written in one part, handed to a gateway once, their receipts read (R36)."""
