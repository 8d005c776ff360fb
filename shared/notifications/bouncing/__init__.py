"""What a refusal says: of the address, of the server that sends, or of the day; read from bounces and SMTP answers."""
