"""The home of a family: what its schools say, and the téléservices open for each child."""

import flask
from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from parent_portal.installation import session, today
from parent_portal.visitors import ASKED, LATER, MAY_HAVE_SECOND_ACCOUNT, QUESTION, own_account
from shared import clock
from shared.establishments.home import home_of

bp = Blueprint("home", __name__)


@bp.get("/")
def show() -> str | Response:
    """Everything on one page, once what an establishment asks was answered or put off."""
    if flask.session.get(QUESTION) == ASKED:
        return redirect(url_for("tie_question.show"), 303)
    home = home_of(session(), own_account(), today(clock.now()))
    second = flask.session.get(MAY_HAVE_SECOND_ACCOUNT, False)
    later = flask.session.get(QUESTION) == LATER
    return render_template("portal/home.html", home=home, may_have_second_account=second, question_waits=later)
