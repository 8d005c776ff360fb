"""« Mes connexions »: by which identity providers a member of staff may come in beside the password (R34)."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.own import PasswordAgainForm
from admin_app.ui.sign_on import REFUSALS
from admin_app.views.session.password import WRONG, is_own_password
from admin_app.views.session.sign_on import send_away
from admin_app.visitors import own_staff
from shared.sign_on.entering import IdentityNotFound, identities_of, part
from shared.sign_on.providers import open_providers
from shared.sign_on.refusals import SignOnRefused
from shared.staff.identities import has_password


class WaysInPage(Page):
    """One's own ways in."""

    name, path, place, need, listed = "Mes connexions", "/mes-connexions", "ways_in", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The providers that know this person, and those that could."""
        return self._show()

    @expose("/relier/<int:provider_id>", methods=("POST",))
    def join(self, provider_id: int) -> ResponseReturnValue:
        """Go there, log in there again, and be known by it from then on; for who types the password again.

        A browser left open, or stolen, lets nobody in by a person of their own.
        """
        if not has_password(own_staff()) or not is_own_password(PasswordAgainForm().password.data):
            return self._show(WRONG), 422
        try:
            return send_away(provider_id, own_staff())
        except SignOnRefused as refused:
            flash(REFUSALS[refused.reason], "error")
            return redirect(url_for("ways_in.index"), 303)

    @expose("/separer/<int:identity_id>", methods=("POST",))
    def part(self, identity_id: int) -> ResponseReturnValue:
        """Let the provider open this login no more."""
        try:
            part(act(), own_staff(), identity_id)
        except IdentityNotFound:
            abort(404)
        flash("Vous ne pouvez plus vous connecter par là.", "success")
        return redirect(url_for("ways_in.index"), 303)

    def _show(self, refusal: str | None = None) -> str:
        identities, has_own = identities_of(session(), own_staff()), has_password(own_staff())
        known = {identity.provider_id for identity in identities}
        others = [provider for provider in open_providers(session()) if provider.id not in known] if has_own else []
        return self.render(
            "admin/ways_in.html", identities=identities, others=others, has_password=has_own, refusal=refusal
        )
