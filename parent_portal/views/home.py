"""The home of a family: what its schools say, and the téléservices open for each child."""

import flask
from flask import Blueprint, render_template

from parent_portal.installation import session, today
from parent_portal.visitors import MAY_HAVE_SECOND_ACCOUNT, own_account
from shared import clock
from shared.establishments.home import home_of

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> str:
    """Everything on one page."""
    home = home_of(session(), own_account(), today(clock.now()))
    second = flask.session.get(MAY_HAVE_SECOND_ACCOUNT, False)
    return render_template("portal/home.html", home=home, may_have_second_account=second)
