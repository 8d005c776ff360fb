"""A téléservice sends a browser here to end the session of the portal as well."""

from urllib.parse import urlencode

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.installation import installation, let_go, session, tell_logouts_once_kept
from parent_portal.openid.waiting import fields_of, portal_at
from parent_portal.visitors import leave, visitor
from shared.accounts.login.sessions import close_session
from shared.provider.ending import Ending
from shared.provider.refusals import Refusal, Refused
from shared.provider.speaking import Heard
from shared.web.headers import FORGET
from shared.worker.bells import ring_logouts

bp = Blueprint("logout_asked", __name__)

LONGEST = 6000
"""Characters of a request: it holds a token."""


@bp.get("/openid/fin")
def ask() -> ResponseReturnValue:
    """End it at once where the téléservice shows that it speaks of this browser; else ask its holder."""
    sent = request.query_string.decode("utf-8", "replace")
    try:
        ending = _read(sent)
    except Refused as refused:
        return _refuse(refused)
    known = visitor()
    if known is None:
        return redirect(ending.back_to or url_for("login.show"), 303)
    if not ending.is_sure(known.token):
        return render_template("portal/logout_asked.html", sent=sent)
    # Asked for with GET, as the specification has it, and sure of whom it speaks.
    installation().database.open(writing=True)
    close_session(session(), known.token)
    let_go()
    ring_logouts(installation().settings)
    leave()
    left: Response = make_response(redirect(ending.back_to or url_for("login.show"), 303))
    left.headers["Clear-Site-Data"] = FORGET
    return left


@bp.post("/openid/fin")
def ask_by_form() -> ResponseReturnValue:
    """The same, by a form: without our cookie, which browsers keep from forms of elsewhere, hence asked again."""
    sent = urlencode(list(request.form.items(multi=True)))
    if len(sent) > LONGEST:
        return _refuse(Refused(Refusal.NOT_UNDERSTOOD, "logout: too long"))
    return redirect(f"{url_for('logout_asked.ask')}?{sent}", 303)


@bp.post("/openid/fin/confirmer")
def confirm() -> ResponseReturnValue:
    """« Se déconnecter »."""
    try:
        ending = _read(request.form.get("sent", ""))
    except Refused as refused:
        return _refuse(refused)
    known = visitor()
    if known is not None:
        close_session(session(), known.token)
        tell_logouts_once_kept()
    leave()
    if ending.back_to is not None:
        return render_template("portal/going_back.html", address=ending.back_to)
    flash(_("Vous êtes déconnecté."), "info")
    return redirect(url_for("login.show"), 303)


def _read(sent: str) -> Ending:
    if len(sent) > LONGEST:
        raise Refused(Refusal.NOT_UNDERSTOOD, "logout: too long")
    return Ending(portal_at(), Heard("GET", fields_of(sent)))


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    return render_template("portal/service_refused.html", sentence=_(refused.reason.value), back=None), 400
