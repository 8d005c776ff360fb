"""What becomes of SMS that a gateway took, whoever brings the news: the worker, or the gateway itself (R18)."""
