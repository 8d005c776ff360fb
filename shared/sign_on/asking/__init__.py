"""Asking providers over the network: which addresses may be spoken to, and within which bounds."""
