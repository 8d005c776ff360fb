"""« Mes téléservices »: what the holder gives to whom, and takes back."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.installation import session, tell_logouts_once_kept
from parent_portal.ui.services import DATA, TOLD_TO_ENTS
from parent_portal.visitors import caller, own_account
from shared.provider.consents import ConsentNotFound, given_by
from shared.provider.consents import take_back as give_no_more
from shared.provider.ent.consents import told_to_ents

bp = Blueprint("given", __name__, url_prefix="/compte/teleservices")


@bp.get("")
def show() -> str:
    """Each téléservice and each ENT that is given something, and what."""
    account = own_account()
    return render_template(
        "portal/given.html",
        given=given_by(session(), account),
        ents=told_to_ents(session(), account),
        words=DATA,
        words_of_ents=TOLD_TO_ENTS,
    )


@bp.post("/<int:registration_id>/retirer")
def take_back(registration_id: int) -> Response:
    """Give a téléservice nothing any more."""
    try:
        service = give_no_more(caller(), own_account(), registration_id)
    except ConsentNotFound:
        abort(404)
    tell_logouts_once_kept()
    flash(_("%(service)s ne reçoit plus rien de vous.", service=service), "success")
    return redirect(url_for("given.show"), 303)
