"""Which pages open for whom: one table for the whole portal, so that no view can forget to ask.

A page that is not in the table opens for nobody.
"""

import enum
from collections.abc import Mapping

import flask
from flask import Flask, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.visitors import WAITS, WAITS_FOR_ENT, leave, visitor
from shared.accounts.state_policy import Opens, what_opens
from shared.web.application import write_from_here


class Stage(enum.Enum):
    """How far a visitor has come."""

    STRANGER = enum.auto()
    FIRST_LOGIN = enum.auto()
    ACTIVATION = enum.auto()
    NEW_PASSWORD = enum.auto()
    """Staff gave a new initial password: it opens nothing but the change of password."""
    OPEN = enum.auto()


EVERYBODY = frozenset(Stage)
OPEN_ONLY = frozenset({Stage.OPEN})

DOORS: Mapping[str, frozenset[Stage]] = {
    "static": EVERYBODY,
    "site.robots": EVERYBODY,
    "site.security": EVERYBODY,
    "site.change_password": EVERYBODY,
    "site.theme": EVERYBODY,
    "legal.accessibility": EVERYBODY,
    "legal.data": EVERYBODY,
    "legal.mentions": EVERYBODY,
    "language.choose": EVERYBODY,
    "login.show": frozenset({Stage.STRANGER}),
    "login.submit": frozenset({Stage.STRANGER}),
    "login.log_out": EVERYBODY,
    "passkey_login.show": frozenset({Stage.STRANGER}),
    "passkey_login.start": frozenset({Stage.STRANGER}),
    "passkey_login.finish": frozenset({Stage.STRANGER}),
    "forgotten.show": EVERYBODY,
    "forgotten.ask": EVERYBODY,
    "forgotten.show_link": EVERYBODY,
    "forgotten.choose": EVERYBODY,
    "without_letter.show": frozenset({Stage.STRANGER}),
    "without_letter.ask": frozenset({Stage.STRANGER}),
    "without_letter.show_link": EVERYBODY,
    "without_letter.prove": EVERYBODY,
    "without_letter.show_password": EVERYBODY,
    "without_letter.activate": EVERYBODY,
    "sms_code.show": frozenset({Stage.STRANGER}),
    "sms_code.enter": frozenset({Stage.STRANGER}),
    "activation.show_link": EVERYBODY,
    "activation.confirm": EVERYBODY,
    "email_change.show_link": EVERYBODY,
    "email_change.confirm": EVERYBODY,
    "first_login.show": frozenset({Stage.FIRST_LOGIN}),
    "first_login.submit": frozenset({Stage.FIRST_LOGIN}),
    "activation.wait": frozenset({Stage.ACTIVATION}),
    "activation.resend": frozenset({Stage.ACTIVATION}),
    "activation.correct": frozenset({Stage.ACTIVATION}),
    "password_change.show": frozenset({Stage.NEW_PASSWORD, Stage.OPEN}),
    "password_change.submit": frozenset({Stage.NEW_PASSWORD, Stage.OPEN}),
    "home.show": OPEN_ONLY,
    "account.show": OPEN_ONLY,
    "account.log_out_everywhere": OPEN_ONLY,
    "account.own_data": OPEN_ONLY,
    "account.download_own_data": OPEN_ONLY,
    "email_change.show": OPEN_ONLY,
    "email_change.ask": OPEN_ONLY,
    "passkeys.show": OPEN_ONLY,
    "passkeys.start": OPEN_ONLY,
    "passkeys.finish": OPEN_ONLY,
    "passkeys.show_one": OPEN_ONLY,
    "passkeys.rename": OPEN_ONLY,
    "passkeys.remove": OPEN_ONLY,
    "merging.show": OPEN_ONLY,
    "merging.merge": OPEN_ONLY,
    "tie_question.show": OPEN_ONLY,
    "tie_question.answer": OPEN_ONLY,
    "wrong_child.show": OPEN_ONLY,
    "wrong_child.report": OPEN_ONLY,
    # Téléservices speak to these themselves, or send browsers whose holder may have to log in first.
    "openid.configuration": EVERYBODY,
    "openid.keys": EVERYBODY,
    "openid.token": EVERYBODY,
    "openid.person": EVERYBODY,
    "authorization.ask": EVERYBODY,
    "authorization.ask_by_form": EVERYBODY,
    "authorization.go_on": EVERYBODY,
    "authorization.answer": OPEN_ONLY,
    "authorization.prove": OPEN_ONLY,
    "authorization.prove_again": OPEN_ONLY,
    "logout_asked.ask": EVERYBODY,
    "logout_asked.ask_by_form": EVERYBODY,
    "logout_asked.confirm": EVERYBODY,
    "given.show": OPEN_ONLY,
    "given.take_back": OPEN_ONLY,
    # So do ENTs.
    "ent.metadata": EVERYBODY,
    "ent.ask": EVERYBODY,
    "ent.go_on": EVERYBODY,
    "ent.answer": OPEN_ONLY,
    "ent_logout.ask": EVERYBODY,
    "ent_logout.confirm": EVERYBODY,
    "ent_given.take_back": OPEN_ONLY,
    # A gateway calls it, with a secret of its own.
    "sms_receipts.take": EVERYBODY,
}

OWN_PAGE = {
    Stage.STRANGER: "login.show",
    Stage.FIRST_LOGIN: "first_login.show",
    Stage.ACTIVATION: "activation.wait",
    Stage.NEW_PASSWORD: "password_change.show",
    Stage.OPEN: "home.show",
}

_STAGES = {
    Opens.FIRST_LOGIN: Stage.FIRST_LOGIN,
    Opens.ACTIVATION: Stage.ACTIVATION,
    Opens.NEW_PASSWORD: Stage.NEW_PASSWORD,
    Opens.PORTAL: Stage.OPEN,
    Opens.NOTHING: Stage.STRANGER,
}


def stage() -> Stage:
    """How far whoever asks for this page has come; a merged or disabled account opens nothing."""
    known = visitor()
    return Stage.STRANGER if known is None else _STAGES[what_opens(known.account)]


def to_own_page() -> Response:
    """Send the visitor to the page that is theirs to fill in now, or on the way that somebody sent them."""
    now_at = stage()
    if now_at is Stage.OPEN and (onward := way_on()) is not None:
        return redirect(url_for(onward), 303)
    return redirect(url_for(OWN_PAGE[now_at]), 303)


def way_on() -> str | None:
    """The page that goes on with what a téléservice or an ENT asked; none where nothing waits."""
    ways = {WAITS: "authorization.go_on", WAITS_FOR_ENT: "ent.go_on"}
    return next((page for waits, page in ways.items() if waits in flask.session), None)


def guard(app: Flask) -> None:
    """Ask before every request whether its page opens; what is not known here stays shut."""

    @app.before_request
    def open_or_send_away() -> Response | None:
        if request.endpoint is None:
            return None
        if request.endpoint not in DOORS:
            abort(404)
        if stage() in DOORS[request.endpoint]:
            return None
        if stage() is Stage.STRANGER and "_user_id" in flask.session:
            leave()
            flash(_("Vous n'êtes plus connecté. Connectez-vous de nouveau."), "info")
        if stage() is Stage.ACTIVATION and request.endpoint == OWN_PAGE[Stage.OPEN]:
            flash(
                _("Votre compte n'est pas encore activé. Ouvrez le message reçu et appuyez sur le bouton."), "warning"
            )
        return to_own_page()

    @app.context_processor
    def menu() -> dict[str, bool]:
        return {"is_open": stage() is Stage.OPEN}

    write_from_here(app)
