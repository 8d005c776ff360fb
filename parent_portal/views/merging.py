"""Merging two accounts of one parent (R8)."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from parent_portal.attempts import try_password
from parent_portal.installation import let_go, mail_once_kept, session
from parent_portal.ui.forms import KEEP_OTHER, MergeForm
from parent_portal.visitors import caller, enter, look_for_second_account, own_account, welcome
from shared.accounts.holder.merging import MergeRefused, merge_with_credentials
from shared.accounts.login.password_login import refuse_login
from shared.models.accounts import AccountKind

bp = Blueprint("merging", __name__)


@bp.before_request
def only_guardians() -> None:
    """A student has one account and nothing to merge."""
    if own_account().kind is not AccountKind.GUARDIAN:
        abort(404)


@bp.get("/fusion")
def show() -> str:
    """What merging does, and the form."""
    return _page(_form())


@bp.post("/fusion")
def merge() -> Response | tuple[str, int]:
    """Merge; whoever keeps the other identifier goes on in that account."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    current = own_account()
    other, accepted = try_password(form.identifier.data, form.password.data)
    try:
        kept = merge_with_credentials(
            caller(), current, other, accepted=accepted, keep_other=form.keep.data == KEEP_OTHER
        )
    except MergeRefused as refused:
        if not accepted:
            refuse_login(caller(), other)
        let_go()
        return _page(form, _(refused.reason.value)), 409
    if kept.id != current.id:
        enter(kept, welcome(session(), kept))
    else:
        look_for_second_account(kept)
    mail_once_kept()
    flash(_("Vos deux comptes sont réunis. Votre identifiant : %(kept)s.", kept=kept.identifier), "success")
    return redirect(url_for("home.show"), 303)


def _form() -> MergeForm:
    form = MergeForm()
    form.offer(own_account().identifier)
    return form


def _page(form: MergeForm, refusal: str | None = None) -> str:
    return render_template("portal/merge.html", form=form, refusal=refusal, account=own_account())
