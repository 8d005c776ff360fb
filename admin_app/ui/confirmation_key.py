"""A confirmation pressed twice counts once: its page draws a key, and its form sends it back."""

import secrets

from flask import request

from shared.models.notifications import REQUEST_KEY_LENGTH


def new_key() -> str:
    """A key for one confirmation."""
    return secrets.token_urlsafe(24)


def sent_key() -> str:
    """The key that the form sends; of one that nobody drew, what can be kept."""
    return request.form.get("cle", "")[:REQUEST_KEY_LENGTH]
