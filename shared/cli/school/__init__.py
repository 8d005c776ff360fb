"""Commands on schools: invented, imported, their accounts and their duplicates."""
