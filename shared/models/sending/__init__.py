"""What is noted of messages while they leave: attempts, codes, servers that are away."""
