"""« Délégations reçues »: what a head delegated to a login that existed already, until its owner accepts or refuses."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import let_go, session
from admin_app.page import Page, expose
from admin_app.ui.forms.own import AcceptForm
from admin_app.views.session.password import NOT_THE_SAME, REPLACED, judge_own
from admin_app.visitors import caller, own_staff
from shared.accounts.credentials.passwords import PasswordRefused, PasswordReplaced
from shared.models.staff import Staff, StaffRole
from shared.staff.invitations import (
    InvitationNotFound,
    accept_invitation,
    begin_accepting,
    find_invitation,
    invitations_of,
    refuse_invitation,
)

WRONG_CODE = "Ce code n'est pas celui qui vous a été remis. Recopiez-le tel quel, majuscules et minuscules comprises."


class InvitationsPage(Page):
    """Opens to whoever is logged in with an own password, whatever establishment is chosen."""

    name, path, place = "Délégations reçues", "/delegations", "invitations"
    need, listed = Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Each one with what it opens, a form to accept it and a button to refuse it."""
        return self._show()

    @expose("/<int:role_id>/accepter", methods=("POST",))
    def accept(self, role_id: int) -> ResponseReturnValue:
        """Open it, with the code and a password chosen anew."""
        role, form = _find(role_id), AcceptForm()
        if not form.is_typed_twice():
            return self._show(role_id, NOT_THE_SAME), 422
        attempt = begin_accepting(caller(), role)
        # Committed first: no lock is held while the code is looked at.
        let_go()
        if not attempt.accepts(form.code.data):
            return self._show(role_id, WRONG_CODE), 422
        try:
            judged = judge_own(form.new.data)
            accept_invitation(caller(), role, attempt, judged)
        except PasswordRefused as refused:
            return self._show(role_id, refused.problem.value), 422
        except PasswordReplaced:
            session().rollback()
            return self._show(role_id, REPLACED), 409
        except InvitationNotFound:
            session().rollback()
            return self._show(role_id, WRONG_CODE), 422
        flash("La délégation est acceptée, et votre mot de passe est changé.", "success")
        return redirect(url_for("schools.index"), 303)

    @expose("/<int:role_id>/refuser", methods=("POST",))
    def refuse(self, role_id: int) -> ResponseReturnValue:
        """Do without; the journal of the establishment says so."""
        refuse_invitation(caller(), _find(role_id))
        flash("La délégation est refusée.", "success")
        return redirect(url_for("invitations.index"), 303)

    def _show(self, of: int | None = None, refusal: str | None = None) -> str:
        staff = session().get_one(Staff, own_staff().id)
        return self.render(
            "admin/invitations.html", invitations=invitations_of(session(), staff), of=of, refusal=refusal
        )


def _find(role_id: int) -> StaffRole:
    try:
        return find_invitation(session(), session().get_one(Staff, own_staff().id), role_id)
    except InvitationNotFound:
        abort(404)
