"""The language of a page: of the account logged in, else chosen in this browser, else of the account of a mailed link,
else the one that the browser asks for.

What is chosen is kept in a cookie of its own, so that it outlives a logout and shows no one's name; the account keeps
it too, for its mails and for the next device.
"""

from datetime import timedelta

import flask
from flask import Flask, current_app, g, request
from flask_babel import Babel, refresh
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from shared.languages import CATALOGUES, FRENCH, LANGUAGES, Language, known_language
from shared.models.accounts import Account

KEPT_FOR = timedelta(days=365)
MOST_ASKED = 500
"""Signs of what a browser asks for that are looked at."""
LANGUAGE = "language"
"""Where the session keeps the language of the account: a page that tells of a failing database needs none to speak."""


def speak(app: Flask) -> None:
    """Let pages and messages of `app` be in the language of whoever asks."""
    Babel(
        app,
        default_locale=FRENCH.code,
        default_translation_directories=str(CATALOGUES),
        locale_selector=lambda: page_language().locale,
    )

    @app.context_processor
    def languages() -> dict[str, object]:
        return {"language": page_language(), "languages": LANGUAGES}


def page_language() -> Language:
    """The language of the current page."""
    own = known_language(flask.session.get(LANGUAGE))
    return own or chosen_language() or known_language(g.get(LANGUAGE)) or asked_language() or FRENCH


def asked_language() -> Language | None:
    """The first of ours among those that the browser is set to; none when it says nothing, or none of ours."""
    asked = parse_accept_header(request.headers.get("Accept-Language", "")[:MOST_ASKED], LanguageAccept)
    # `ar-MA, fr` asks for Arabic first.
    codes = (tag.partition("-")[0].lower() for tag, quality in asked if quality > 0)
    return next(filter(None, map(known_language, codes)), None)


def chosen_language() -> Language | None:
    """The language chosen in this browser; a cookie that names none counts for nothing."""
    return known_language(request.cookies.get(_cookie()))


def speak_to(account: Account) -> None:
    """Write this page in the language of `account`, unless this browser has one: a mail may be read anywhere."""
    g.language = account.language
    refresh()


def remember(response: Response, language: Language) -> Response:
    """Keep `language` in this browser for a year."""
    response.set_cookie(
        _cookie(),
        language.code,
        max_age=KEPT_FOR,
        path="/",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def _cookie() -> str:
    return "__Host-langue" if current_app.config["SESSION_COOKIE_SECURE"] else "langue"
