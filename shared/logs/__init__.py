"""What the processes say of themselves to whoever runs them: on the standard error, without a word on a family."""
