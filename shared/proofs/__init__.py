"""What browsers, mailed links and téléservices prove themselves by: drawn, kept as a hash, signed."""
