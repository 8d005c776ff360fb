"""Logging in and out."""

from datetime import datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.access import to_own_page
from parent_portal.arrival import let_in, why_closed
from parent_portal.attempts import try_password
from parent_portal.ent.leaving import leave_for, tell_unconfirmed
from parent_portal.installation import installation, let_go
from parent_portal.templating import day
from parent_portal.ui.forms import LoginForm
from parent_portal.visitors import caller
from shared import clock
from shared.accounts.login.password_login import (
    AccountDisabled,
    AccountMerged,
    Candidate,
    CredentialsReplaced,
    complete_login,
    refuse_login,
)

bp = Blueprint("login", __name__)


@bp.get("/connexion")
def show() -> str:
    """The form, and what to do on a first visit."""
    tell_unconfirmed()
    return _page(LoginForm())


@bp.post("/connexion")
def submit() -> Response | tuple[str, int]:
    """Log in; a wrong password and an unknown identifier get one and the same answer."""
    form = LoginForm()
    if not form.validate_on_submit():
        return _page(form), 422
    candidate, accepted = try_password(form.identifier.data, form.password.data)
    replaced_at = None if accepted else candidate.letter_replaced_at(form.password.data, installation().sealer)
    refusal = _log_in(candidate) if accepted else _refuse(candidate, replaced_at)
    let_go()
    return to_own_page() if refusal is None else (_page(form, refusal, is_lost=replaced_at is not None), 422)


@bp.post("/deconnexion")
def log_out() -> ResponseReturnValue:
    """End the session in the database too: the cookie, kept by somebody, opens nothing any more."""
    return leave_for()


def _log_in(candidate: Candidate) -> str | None:
    try:
        account = complete_login(caller(), candidate)
    except (AccountDisabled, AccountMerged) as closed:
        return why_closed(closed)
    except CredentialsReplaced:
        return _refuse(candidate)
    let_in(account)
    return None


def _refuse(candidate: Candidate, replaced_at: datetime | None = None) -> str:
    """What is said of a wrong password; `replaced_at` when it is that of the letter, which another one replaced."""
    refuse_login(caller(), candidate)
    if replaced_at is not None:
        on = day(clock.local(replaced_at, installation().settings.time_zone))
        return _(
            "Ce mot de passe, reçu de l'établissement, ne sert plus : un autre a été choisi pour ce compte le "
            "%(day)s. Tapez celui-là.",
            day=on,
        )
    return _(
        "L'identifiant ou le mot de passe n'est pas le bon. Vérifiez les deux, puis recommencez. Si la date de la "
        "lettre est passée, le compte est supprimé : demandez-en un autre au secrétariat de l'établissement."
    )


def _page(form: LoginForm, refusal: str | None = None, *, is_lost: bool = False) -> str:
    return render_template("portal/login.html", form=form, refusal=refusal, is_lost=is_lost)
