"""Mass notifications: who is chosen, what will be done, how far it is, how it ended (R15–R18)."""
