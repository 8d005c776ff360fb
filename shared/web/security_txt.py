"""`/.well-known/security.txt` (RFC 9116): where whoever found a flaw of this installation writes to."""

from datetime import datetime, timedelta

from shared.config import Settings

GOOD_FOR = timedelta(days=180)
"""The standard asks for less than a year; it is written anew at each request."""


def security_txt(settings: Settings, address: str, now: datetime) -> str | None:
    """What the application at `address` answers; none where `SECURITY_CONTACT` is not set."""
    if settings.security_contact is None:
        return None
    contact = settings.security_contact
    lines = {
        "Contact": contact if contact.startswith("https://") else f"mailto:{contact}",
        "Expires": (now + GOOD_FOR).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Preferred-Languages": "fr, en",
        "Canonical": f"{address}/.well-known/security.txt",
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items())
