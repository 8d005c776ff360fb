"""The journal in words: what each action is called, and what its details say."""
