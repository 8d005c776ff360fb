"""An outer ring around what makes mails leave, or a row be written for anybody: so many for one network address (R10).

The rules already space the mails of one account; this stops one address from going through many accounts. Counted in
memory, or in Redis where there is one, since a school may share an address: slack, and open while Redis is down.
"""

from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from shared.config import Settings

LIMIT = "60 per hour"
CAUSES_MAIL = ("forgotten.ask", "activation.resend", "activation.correct", "email_change.ask")
QUESTIONS_LIMIT = "600 per hour"
"""Of passkeys asked for: a whole school may share an address, and few of its parents at once."""
LIMITS = {**dict.fromkeys(CAUSES_MAIL, LIMIT), "passkey_login.start": QUESTIONS_LIMIT}
_PATIENCE: dict[str, str | int] = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds that Redis may take; without it the portal goes on."""


def limit_mails(app: Flask, settings: Settings) -> None:
    """Count the requests of each address to the pages that `LIMITS` names."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        storage_options=_PATIENCE if settings.redis_url else {},
        key_prefix="portail",
        swallow_errors=True,
    )
    for endpoint, limit in LIMITS.items():
        limited: Any = limiter.limit(limit)(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited
