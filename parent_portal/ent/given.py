"""« Mes téléservices »: what the holder tells an ENT, taken back."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.visitors import caller, own_account
from shared.provider.consents import ConsentNotFound
from shared.provider.ent.consents import take_back_from_ent

bp = Blueprint("ent_given", __name__, url_prefix="/compte/ent")


@bp.post("/<int:registration_id>/retirer")
def take_back(registration_id: int) -> Response:
    """Tell an ENT nothing any more."""
    try:
        label = take_back_from_ent(caller(), own_account(), registration_id)
    except ConsentNotFound:
        abort(404)
    flash(_("%(service)s ne reçoit plus rien de vous.", service=label), "success")
    return redirect(url_for("given.show"), 303)
