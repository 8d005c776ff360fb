"""What the pages about passkeys share: the site they are made for, and the question this browser was asked."""

import flask
from flask import Flask, abort

from parent_portal.installation import installation
from shared.accounts.login.passkey_challenges import PasskeySite, Question, passkey_site

ASKED = "passkey"
"""Where the cookie keeps the token of the question."""


def offer_passkeys(app: Flask) -> None:
    """Tell the templates whether passkeys are of use at the address of this portal."""

    @app.context_processor
    def has_passkeys() -> dict[str, bool]:
        return {"has_passkeys": _site() is not None}


def site_or_404() -> PasskeySite:
    """The site that passkeys are made for; their pages do not exist where there is none."""
    return _site() or abort(404)


def ask(question: Question) -> str:
    """Keep that this browser is the one asked, and return what its script needs."""
    flask.session[ASKED] = question.token
    return question.options


def asked() -> str:
    """The token of the question that this browser was asked last; it answers once."""
    token: str = flask.session.pop(ASKED, "")
    return token


def _site() -> PasskeySite | None:
    return passkey_site(installation().settings.public_portal_url)
