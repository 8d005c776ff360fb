"""An ENT sends a browser here: its holder logs in, reads what is told, agrees or not, and goes back with it."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.access import to_own_page
from parent_portal.ent.waiting import Waiting, drop, keep, kept, places
from parent_portal.installation import installation, let_go, session
from parent_portal.provider import portal_at, visit
from parent_portal.visitors import own_account
from shared import clock
from shared.provider.asking import Step
from shared.provider.ent.description import own_metadata
from shared.provider.ent.entering import NotTold, Told, next_step, tell, tell_nothing
from shared.provider.ent.keys import published
from shared.provider.ent.questions import read_question
from shared.provider.ent.vectors import EntChild
from shared.provider.refusals import Refusal, Refused
from shared.web.headers import OWN_FILES_ONLY

bp = Blueprint("ent", __name__, url_prefix="/ent")
_log = logging.getLogger(__name__)

METADATA_SECONDS = 3600
STATUSES = {Refusal.ENT_CLOSED: 403, Refusal.ENT_UNAVAILABLE: 503}


@bp.get("/metadonnees")
def metadata() -> Response:
    """What ENTs must know of us; it may be read before any is connected."""
    certificates = [key.certificate for key in published(session(), clock.now())]
    said = Response(own_metadata(places(), certificates), content_type="application/samlmetadata+xml")
    said.headers["Cache-Control"] = f"public, max-age={METADATA_SECONDS}"
    return said


@bp.get("/connexion")
def ask() -> ResponseReturnValue:
    """The question of an ENT."""
    now = clock.now()
    _let_it_write()
    try:
        question = read_question(session(), request.query_string.decode("utf-8", "replace"), places().sign_on, now)
        return _step(Waiting(question, now))
    except Refused as refused:
        return _refuse(refused)


@bp.get("/suite")
def go_on() -> ResponseReturnValue:
    """The way goes on, once something was done that had to be done first."""
    _let_it_write()
    waiting = kept()
    if waiting is None:
        drop()
        return to_own_page()
    try:
        return _step(waiting)
    except Refused as refused:
        return _refuse(refused)


@bp.post("/accord")
def answer() -> ResponseReturnValue:
    """« Accepter » or not, for the question that the page was shown for."""
    waiting, here = kept(), visit()
    if waiting is None or here is None or request.form.get("asked") != waiting.question.request_id:
        return redirect(url_for("ent.go_on"), 303)
    at, question, own = portal_at(), waiting.question, places().entity_id
    try:
        step, children = next_step(at, question, here, waiting.at)
        if step not in {Step.AGREE, Step.ENTER}:
            return redirect(url_for("ent.go_on"), 303)
        if request.form.get("answer") != "yes":
            return _bring(tell_nothing(at, question, own, "RequestDenied"))
        return _bring(tell(at, question, here, children, own, agreed=True))
    except Refused as refused:
        session().rollback()
        return _refuse(refused)


def _let_it_write() -> None:
    """A page that is asked for with GET, and that may write where somebody is logged in: ENTs send browsers so."""
    if visit() is not None:
        installation().database.open(writing=True)


def _step(waiting: Waiting) -> ResponseReturnValue:
    """What comes next for this browser."""
    at, here, question, own = portal_at(), visit(), waiting.question, places().entity_id
    step, children = next_step(at, question, here, waiting.at)
    if here is not None and step is Step.ENTER:
        return _bring(tell(at, question, here, children, own))
    if question.is_silent:
        return _bring(tell_nothing(at, question, own, "NoPassive"))
    keep(waiting)
    if step is Step.LOG_IN:
        return to_own_page()
    if step is Step.PROVE:
        return redirect(url_for("authorization.prove"), 303)
    return _consent(question.service.ent_link.label, question.request_id, children)


def _consent(label: str, asked: str, children: Sequence[EntChild]) -> str:
    return render_template(
        "portal/ent_consent.html", label=label, asked=asked, children=children, account=own_account()
    )


def _bring(told: Told | NotTold) -> ResponseReturnValue:
    """Have the browser bring it to the ENT, by a form that it sends itself, or by a button."""
    from shared.provider.ent.answers import signed

    drop()
    # It is kept before it is signed, which takes a program: a question is answered once even if that fails.
    let_go()
    page = make_response(
        render_template(
            "portal/ent_entering.html",
            consumer=told.consumer,
            response=signed(told),
            relay_state=told.relay_state,
            is_told=isinstance(told, Told),
        )
    )
    page.headers["Content-Security-Policy"] = _policy(told.consumer)
    return page


def _policy(consumer: str) -> str:
    """As everywhere, but for the one form that leads elsewhere, and wherever the ENT leads from there."""
    policy = {**OWN_FILES_ONLY, "form-action": f"'self' {urlsplit(consumer).scheme}:"}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    if refused.reason is Refusal.ENT_UNAVAILABLE:
        # It is our own fault, which no refusal is.
        _log.error("an ENT is told nothing: %s", refused)
    drop()
    page = render_template("portal/ent_refused.html", sentence=_(refused.reason.value))
    return page, STATUSES.get(refused.reason, 400)
