"""An ENT sends a browser here to end the session of the portal as well, or once it ended its own as it was asked."""

from flask import Blueprint, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.ent.leaving import Back, heard, leave_for
from parent_portal.ent.waiting import places
from parent_portal.installation import installation, session
from parent_portal.visitors import visitor
from shared import clock
from shared.provider.ent.ending import Goodbye, is_of_browser, read_goodbye
from shared.provider.ent.messages import ANSWER
from shared.provider.refusals import Refused

bp = Blueprint("ent_logout", __name__, url_prefix="/ent")


@bp.get("/fin")
def ask() -> ResponseReturnValue:
    """End it at once where the ENT names the session of this browser; else ask its holder."""
    sent = request.query_string.decode("utf-8", "replace")
    try:
        if ANSWER in request.args:
            return heard(sent)
        goodbye = _read(sent)
    except Refused as refused:
        return _refuse(refused)
    known = visitor()
    if known is not None and not is_of_browser(session(), goodbye, known.token):
        return render_template("portal/logout_asked.html", sent=sent, confirm=url_for("ent_logout.confirm"))
    if known is not None:
        # Asked for with GET, as the bindings of SAML have it, and sure of whom it speaks.
        installation().database.open(writing=True)
    return leave_for(Back.to(goodbye), but=goodbye.service.id)


@bp.post("/fin")
def confirm() -> ResponseReturnValue:
    """« Se déconnecter »: end the session of the portal, and go back to the ENT."""
    try:
        goodbye = _read(request.form.get("sent", ""))
    except Refused as refused:
        return _refuse(refused)
    return leave_for(Back.to(goodbye), but=goodbye.service.id)


def _read(sent: str) -> Goodbye:
    return read_goodbye(session(), sent, places().logout, clock.now())


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    return render_template("portal/ent_refused.html", sentence=_(refused.reason.value)), 400
