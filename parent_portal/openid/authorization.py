"""A téléservice sends a browser here: its holder logs in, reads what is asked, agrees or not, and goes back."""

import logging
from collections.abc import Sequence
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.access import to_own_page, way_on
from parent_portal.attempts import is_own_password
from parent_portal.installation import installation, let_go, network_address, session
from parent_portal.openid.waiting import LONGEST, Waiting, drop, fields_of, keep, kept
from parent_portal.provider import portal_at, visit
from parent_portal.ui.forms import WRONG_OWN_PASSWORD, ProveForm, refuse
from parent_portal.ui.services import DATA
from parent_portal.visitors import PASSWORD, note_proof, own_account
from shared import clock
from shared.provider.asking import (
    Asked,
    Step,
    children_named,
    declined,
    next_step,
    read,
    told_to,
)
from shared.provider.asking import (
    answer as answered,
)
from shared.provider.doors import Child
from shared.provider.refusals import Refusal, Refused
from shared.provider.speaking import Reply

bp = Blueprint("authorization", __name__)
_log = logging.getLogger(__name__)


@bp.get("/openid/autorisation")
def ask() -> ResponseReturnValue:
    """The authorization endpoint."""
    return _step(Waiting(request.query_string.decode("utf-8", "replace"), clock.now()))


@bp.post("/openid/autorisation")
def ask_by_form() -> ResponseReturnValue:
    """The same, by a form: without our cookie, which browsers keep from forms of elsewhere, hence asked again."""
    sent = urlencode(list(request.form.items(multi=True)))
    return _ask_again(sent)


@bp.get("/openid/suite")
def go_on() -> ResponseReturnValue:
    """The way goes on, once something was done that had to be done first."""
    waiting = kept()
    if waiting is None:
        drop()
        return to_own_page()
    return _step(waiting, from_form=True)


@bp.get("/openid/verification")
def prove() -> ResponseReturnValue:
    """The password once more, where the téléservice, or the ENT, wants to be sure who is there now."""
    return to_own_page() if way_on() is None else _prove(ProveForm())


@bp.post("/openid/verification")
def prove_again() -> ResponseReturnValue:
    """Check the password that the téléservice wanted typed again."""
    form = ProveForm()
    if not form.validate_on_submit():
        return _prove(form), 422
    if not is_own_password(form.current.data):
        refuse(form.current, WRONG_OWN_PASSWORD)
        return _prove(form), 422
    note_proof(PASSWORD)
    return to_own_page()


@bp.post("/openid/accord")
def answer() -> ResponseReturnValue:
    """« Accepter » or not, for what the page said: if something else waits by now, the page is shown again."""
    sent, waiting = request.form.get("sent", ""), kept()
    if waiting is None or waiting.sent != sent:
        return _ask_again(urlencode(fields_of(sent), doseq=True))
    at, here = portal_at(), visit()
    try:
        asked = read(at, waiting.heard)
        step, children = next_step(at, asked, here, waiting.at)
        if here is None or step not in {Step.AGREE, Step.ENTER}:
            return redirect(url_for("authorization.go_on"), 303)
        drop()
        if request.form.get("answer") != "yes":
            return _send_back(declined(at, asked), from_form=True)
        return _send_back(answered(at, asked, here, children, agreed=True), from_form=True)
    except OAuth2Error as error:
        session().rollback()
        return _tell(told_to(at, error), error, from_form=True)
    except Refused as refused:
        return _refuse(refused)


def _ask_again(sent: str) -> ResponseReturnValue:
    if len(sent) > LONGEST:
        return _refuse(Refused(Refusal.NOT_UNDERSTOOD, "too long"))
    return redirect(f"{url_for('authorization.ask')}?{sent}", 303)


def _step(waiting: Waiting, *, from_form: bool = False) -> ResponseReturnValue:
    """What comes next for this browser."""
    if len(waiting.sent) > LONGEST:
        return _refuse(Refused(Refusal.NOT_UNDERSTOOD, "too long"))
    if visit() is not None:
        # A page that is asked for with GET, and that may write: téléservices send browsers so.
        installation().database.open(writing=True)
    at, here = portal_at(), visit()
    try:
        asked = read(at, waiting.heard)
        step, children = next_step(at, asked, here, waiting.at)
        if here is not None and step is Step.ENTER:
            drop()
            reply = answered(at, asked, here, children)
            let_go()
            return _send_back(reply, from_form=from_form)
    except OAuth2Error as error:
        return _tell(told_to(at, error), error, from_form=from_form)
    except Refused as refused:
        return _refuse(refused)
    keep(waiting)
    if step is Step.LOG_IN:
        return to_own_page()
    if step is Step.PROVE:
        return redirect(url_for("authorization.prove"), 303)
    return _consent(asked, children, waiting.sent)


def _consent(asked: Asked, children: Sequence[Child], sent: str) -> str:
    return render_template(
        "portal/consent.html",
        service=asked.client.teleservice,
        data=[words for data, words in DATA.items() if data in asked.wanted.data],
        children=children_named(asked, children),
        account=own_account(),
        sent=sent,
    )


def _tell(reply: Reply, error: OAuth2Error, *, from_form: bool) -> ResponseReturnValue:
    if not reply.address:
        return _refuse(Refused(Refusal.NOT_UNDERSTOOD, error.error or "error"))
    _log.warning("a téléservice is told no, for %s: %s", network_address(), error.error)
    drop()
    return _send_back(reply, from_form=from_form)


def _send_back(reply: Reply, *, from_form: bool) -> ResponseReturnValue:
    """Send the browser back; by a page after a form, since browsers stop forms that lead to another site."""
    if from_form:
        return render_template("portal/going_back.html", address=reply.address)
    return redirect(reply.address, 303)


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    drop()
    page = render_template("portal/service_refused.html", sentence=_(refused.reason.value), back=refused.back)
    return page, 403 if refused.reason is Refusal.CLOSED else 400


def _prove(form: ProveForm) -> str:
    return render_template("portal/prove.html", form=form, account=own_account())
