"""What is done in the background: the queue that rings, the tasks, the night."""
