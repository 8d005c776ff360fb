"""« Je n'ai pas reçu mon identifiant »: a link by mail, a child's birth date, a password (R37)."""

import flask
from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.access import to_own_page
from parent_portal.arrival import let_in
from parent_portal.even_time import no_sooner_than
from parent_portal.installation import installation, let_go, mail_once_kept, session, today
from parent_portal.language import page_language, speak_to
from parent_portal.ui.forms import BirthDateForm, NewPasswordForm, WithoutLetterForm, refuse
from parent_portal.visitors import caller
from shared import clock
from shared.accounts.credentials.passwords import NewPassword, PasswordRefused
from shared.accounts.login.first_login import password_demands
from shared.accounts.without_letter.activating import (
    BirthDateWrong,
    ProofMissing,
    activate_alone,
    prove_birth_date,
    require_proof,
)
from shared.accounts.without_letter.asking import ask_self_activation
from shared.accounts.without_letter.links import PATH, find_self_activation
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account

bp = Blueprint("without_letter", __name__, url_prefix=f"/{PATH}")

ANSWER_SECONDS = 0.2
"""Longer than it takes to write a link for each person of an address, and to ring the worker."""
PROOF = "without_letter"
"""Where the cookie keeps what the browser that named the birth date was given."""


@bp.get("")
def show() -> str:
    """The form that asks for the e-mail that the school knows."""
    return render_template("portal/without_letter.html", form=WithoutLetterForm())


@bp.post("")
def ask() -> Response | tuple[str, int]:
    """The same answer whether a school base has this address or not."""
    form = WithoutLetterForm()
    if not form.validate_on_submit():
        return render_template("portal/without_letter.html", form=form), 422
    with no_sooner_than(ANSWER_SECONDS):
        ask_self_activation(caller(), form.email.data, today(), language=page_language().code)
        mail_once_kept()
    return render_template("portal/without_letter_sent.html", email=form.email.data.strip()), 200


@bp.get("/<token>")
def show_link(token: str) -> str:
    """What is asked behind the mailed link; opening it changes nothing, since mail scanners open links."""
    return _ask_birth_date(BirthDateForm(), _open(token))


@bp.post("/<token>")
def prove(token: str) -> Response | tuple[str, int]:
    """Look whether a child of the account was born on that day."""
    form, link = BirthDateForm(), _open(token)
    form.validate_on_submit()
    born = form.born()
    if born is None:
        refuse(form.day, _("Cette date n'existe pas. Écrivez le jour, le mois et l'année\u00a0: 5 3 2014."))
        return _ask_birth_date(form, link), 422
    try:
        flask.session[PROOF] = prove_birth_date(caller(), link, born, today())
    except BirthDateWrong:
        # Committed: the attempt counts.
        let_go()
        refuse(form.day, _("Ce n'est la date de naissance d'aucun de vos enfants dans l'établissement. Vérifiez-la."))
        return _ask_birth_date(form, link), 422
    return redirect(url_for("without_letter.show_password", token=token), 303)


@bp.get("/<token>/mot-de-passe")
def show_password(token: str) -> Response | str:
    """The last step, in the browser that named the birth date."""
    link = _open(token)
    if not _is_proved(link):
        return redirect(url_for("without_letter.show_link", token=token), 303)
    return _ask_password(NewPasswordForm(), link)


@bp.post("/<token>/mot-de-passe")
def activate(token: str) -> Response | tuple[str, int]:
    """Activate the account and open it."""
    form, link = NewPasswordForm(), _open(token)
    if not _is_proved(link):
        return redirect(url_for("without_letter.show_link", token=token), 303)
    if not form.validate_on_submit():
        return _ask_password(form, link), 422
    try:
        account = activate_alone(caller(), link, flask.session.get(PROOF, ""), _judge(form, link))
    except PasswordRefused as refused:
        refuse(form.password, _(refused.problem.value))
        return _ask_password(form, link), 422
    let_in(account)
    flash(
        _("Votre compte est activé. Notez votre identifiant\u00a0: %(identifier)s", identifier=account.identifier),
        "success",
    )
    return to_own_page()


def _open(token: str) -> SelfActivation:
    link = find_self_activation(session(), installation().settings, token, clock.now())
    speak_to(_account(link))
    return link


def _account(link: SelfActivation) -> Account:
    return session().get_one(Account, link.account_id)


def _is_proved(link: SelfActivation) -> bool:
    try:
        require_proof(caller(), link, flask.session.get(PROOF, ""))
    except ProofMissing:
        return False
    return True


def _judge(form: NewPasswordForm, link: SelfActivation) -> NewPassword:
    demands = password_demands(session(), _account(link), installation().sealer, email=link.email)
    # Nobody waits for what takes time.
    let_go()
    return demands.judge(form.password.data)


def _ask_birth_date(form: BirthDateForm, link: SelfActivation) -> str:
    return render_template("portal/without_letter_birth.html", form=form, account=_account(link))


def _ask_password(form: NewPasswordForm, link: SelfActivation) -> str:
    return render_template("portal/without_letter_password.html", form=form, account=_account(link))
