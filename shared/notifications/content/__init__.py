"""What one notification says, whatever it travels by: of whom, to whom, from which school."""
