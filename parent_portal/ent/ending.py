"""An ENT sends a browser here to end the session of the portal as well."""

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.ent.waiting import places
from parent_portal.installation import installation, let_go, session, tell_logouts_once_kept
from parent_portal.openid.waiting import portal_at
from parent_portal.visitors import leave, visitor
from shared import clock
from shared.accounts.credentials.sealing import SealBroken
from shared.accounts.login.sessions import close_session
from shared.provider.ent.ending import is_of_browser, way_back
from shared.provider.ent.keys import private_key
from shared.provider.ent.questions import Goodbye, read_goodbye
from shared.provider.keys import NoKey
from shared.provider.refusals import Refusal, Refused
from shared.web.headers import FORGET
from shared.worker.bells import ring_logouts

bp = Blueprint("ent_logout", __name__, url_prefix="/ent")


@bp.get("/fin")
def ask() -> ResponseReturnValue:
    """End it at once where the ENT names the session of this browser; else ask its holder."""
    sent = request.query_string.decode("utf-8", "replace")
    try:
        goodbye = _read(sent)
        back = _way_back(goodbye)
    except Refused as refused:
        return _refuse(refused)
    known = visitor()
    if known is None:
        return redirect(back or url_for("login.show"), 303)
    if not is_of_browser(session(), goodbye, known.token):
        return render_template("portal/ent_logout.html", sent=sent)
    # Asked for with GET, as the bindings of SAML have it, and sure of whom it speaks.
    installation().database.open(writing=True)
    close_session(session(), known.token)
    let_go()
    ring_logouts(installation().settings)
    leave()
    left: Response = make_response(redirect(back or url_for("login.show"), 303))
    left.headers["Clear-Site-Data"] = FORGET
    return left


@bp.post("/fin")
def confirm() -> ResponseReturnValue:
    """« Se déconnecter »."""
    try:
        back = _way_back(_read(request.form.get("sent", "")))
    except Refused as refused:
        return _refuse(refused)
    known = visitor()
    if known is not None:
        close_session(session(), known.token)
        tell_logouts_once_kept()
    leave()
    if back is not None:
        return render_template("portal/going_back.html", address=back)
    flash(_("Vous êtes déconnecté."), "info")
    return redirect(url_for("login.show"), 303)


def _read(sent: str) -> Goodbye:
    return read_goodbye(session(), sent, places().logout, clock.now())


def _way_back(goodbye: Goodbye) -> str | None:
    at = portal_at()
    try:
        return way_back(goodbye, places().entity_id, private_key(at.session, at.sealer, at.now), at.now)
    except (NoKey, SealBroken):
        raise Refused(Refusal.ENT_UNAVAILABLE, "no key") from None


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    return render_template("portal/ent_refused.html", sentence=_(refused.reason.value)), 400
