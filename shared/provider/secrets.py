"""What téléservices and browsers prove themselves with: drawn here, kept as a hash only."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode


def drawn() -> str:
    """43 characters that nobody guesses: a plain hash of them gives nothing away."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """As the tables keep it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_same(secret: str, kept: str | None) -> bool:
    """Whether `secret` is the one whose hash is `kept`, told in the same time whatever it is."""
    return secrets.compare_digest(hashed(secret), kept or "")


def pairwise(key: str, of: str) -> str:
    """What one téléservice knows somebody by: the same each time, and another one for every téléservice."""
    digest = hmac.digest(key.encode(), of.encode(), "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")
