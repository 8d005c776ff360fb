"""« Mon compte »: what the portal knows of its holder, and what the holder may change."""

import json

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from parent_portal.ent.leaving import leave_for
from parent_portal.installation import session, today
from parent_portal.ui.held_words import file_in_words
from parent_portal.visitors import caller, own_account, own_token
from shared import clock
from shared.accounts.holder.own_data import everything_held, note_download
from shared.accounts.login import shutting_out
from shared.accounts.login.visits import last_visits, open_browsers
from shared.establishments.home import home_of
from shared.establishments.wrong_children import own_reports

bp = Blueprint("account", __name__, url_prefix="/compte")


@bp.get("")
def show() -> str:
    """Identifier, e-mail, children, and who came in."""
    account, now = own_account(), clock.now()
    return render_template(
        "portal/account.html",
        account=account,
        home=home_of(session(), account, today(now)),
        reports=own_reports(session(), account),
        browsers=open_browsers(session(), account, own_token(), now),
        visits=last_visits(session(), account),
    )


@bp.post("/deconnecter-partout")
def log_out_everywhere() -> ResponseReturnValue:
    """Log out this browser and every other one."""
    shutting_out.log_out_everywhere(caller(), own_account())
    return leave_for(sentence=_("Vous êtes déconnecté de tous vos appareils."))


@bp.get("/mes-donnees")
def own_data() -> str:
    """What is held on the holder, to be read (RGPD, article 15)."""
    return render_template("portal/own_data.html", data=everything_held(session(), own_account()))


@bp.post("/mes-donnees")
def download_own_data() -> Response:
    """The same as a file, for people and for other programs."""
    account = own_account()
    held = json.dumps(file_in_words(everything_held(session(), account)), ensure_ascii=False, indent=2)
    note_download(caller(), account)
    file = {"Content-Disposition": 'attachment; filename="mes-donnees.json"'}
    return Response(held, content_type="application/json; charset=utf-8", headers=file)
