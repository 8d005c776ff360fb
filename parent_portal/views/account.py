"""« Mon compte »: what the portal knows of its holder, and what the holder may change."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.installation import commit, network_address, session, today
from parent_portal.visitors import leave, own_account
from shared import clock
from shared.accounts import sessions
from shared.establishments.home import home_of

bp = Blueprint("account", __name__, url_prefix="/compte")


@bp.get("")
def show() -> str:
    """Identifier, e-mail, children."""
    home = home_of(session(), own_account(), today(clock.now()))
    return render_template("portal/account.html", account=own_account(), home=home)


@bp.post("/deconnecter-partout")
def log_out_everywhere() -> Response:
    """Log out this browser and every other one."""
    sessions.log_out_everywhere(session(), own_account(), clock.now(), network_address())
    commit()
    leave()
    flash(_("Vous êtes déconnecté de tous vos appareils."), "info")
    return redirect(url_for("login.show"), 303)
