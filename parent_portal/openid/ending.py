"""A téléservice sends a browser here to end the session of the portal as well."""

from urllib.parse import urlencode

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.ent.leaving import Back, leave_for
from parent_portal.installation import installation
from parent_portal.openid.waiting import fields_of
from parent_portal.provider import portal_at
from parent_portal.visitors import visitor
from shared.provider.ending import Ending
from shared.provider.refusals import Refusal, Refused
from shared.provider.speaking import Heard

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
    if known is not None and not ending.is_sure(known.token):
        return render_template("portal/logout_asked.html", sent=sent, confirm=url_for("logout_asked.confirm"))
    if known is not None:
        # Asked for with GET, as the specification has it, and sure of whom it speaks.
        installation().database.open(writing=True)
    return leave_for(_back(ending))


@bp.post("/openid/fin")
def ask_by_form() -> ResponseReturnValue:
    """The same, by a form: without our cookie, which browsers keep from forms of elsewhere, hence asked again."""
    sent = urlencode(list(request.form.items(multi=True)))
    if len(sent) > LONGEST:
        return _refuse(Refused(Refusal.NOT_UNDERSTOOD, "logout: too long"))
    return redirect(f"{url_for('logout_asked.ask')}?{sent}", 303)


@bp.post("/openid/fin/confirmer")
def confirm() -> ResponseReturnValue:
    """« Se déconnecter »: end the session of the portal, and go back to the téléservice."""
    try:
        ending = _read(request.form.get("sent", ""))
    except Refused as refused:
        return _refuse(refused)
    return leave_for(_back(ending))


def _back(ending: Ending) -> Back | None:
    return None if ending.back_to is None else Back(ending.back_to)


def _read(sent: str) -> Ending:
    if len(sent) > LONGEST:
        raise Refused(Refusal.NOT_UNDERSTOOD, "logout: too long")
    return Ending(portal_at(), Heard("GET", fields_of(sent)))


def _refuse(refused: Refused) -> ResponseReturnValue:
    g.refusal = str(refused)
    return render_template("portal/service_refused.html", sentence=_(refused.reason.value), back=None), 400
