"""Which addresses of providers may be spoken to: encrypted, in clear on this machine only."""

from urllib.parse import urlsplit

from shared.settings.values import LOCAL_HOSTS
from shared.sign_on.refusals import Refusal, SignOnRefused


def is_safe(address: object) -> bool:
    """Whether an address may be spoken to: encrypted, or on this machine; without name, password nor fragment."""
    if not isinstance(address, str) or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    return bool(secure and host and not parts.fragment and parts.username is None)


def require_safe(address: object) -> None:
    """Raise `SignOnRefused` for an address that may not be spoken to."""
    if not is_safe(address):
        raise SignOnRefused(Refusal.UNAVAILABLE, "an address that is not https")
