"""What téléservices and browsers prove themselves with: drawn here, kept as a hash only."""

import hashlib
import secrets


def drawn() -> str:
    """43 characters that nobody guesses: a plain hash of them gives nothing away."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """As the tables keep it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(secret: str, kept: str | None) -> bool:
    """Whether `secret` is the one whose hash is `kept`, told in the same time whatever it is."""
    return secrets.compare_digest(hashed(secret), kept or "")
