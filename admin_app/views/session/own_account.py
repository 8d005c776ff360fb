"""« Mon compte »: the address of a member of staff, entered with the password and confirmed by a mailed link."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import installation, once_kept, session
from admin_app.page import Page, expose
from admin_app.quotas import EMAILS, use_own
from admin_app.ui.forms.own import OwnEmailForm
from admin_app.views.session.password import WRONG, is_own_password
from admin_app.visitors import own_staff
from shared import clock
from shared.models.staff import Staff
from shared.staff.own_email import (
    StaffEmailRefused,
    ask_own_email,
    asked_email,
    confirm_own_email,
    find_asked_email,
)
from shared.worker.bells import ring_mails

SENT = "Un courriel est parti à %s : ouvrez le lien qu'il contient, ici même, pour confirmer cette adresse."


class OwnAccountPage(Page):
    """Opens for whoever is logged in, with whatever role."""

    name, path, place, need, listed = "Mon compte", "/mon-compte", "own_account", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Who is logged in, the address, and the one that waits to be confirmed."""
        return self._show()

    @expose("/", methods=("POST",))
    def ask(self) -> ResponseReturnValue:
        """Let a link leave to another address, for who types the password again."""
        form = OwnEmailForm()
        email = form.email.data
        # Both write in transactions of their own, which must not wait for this one.
        use_own(EMAILS)
        if not is_own_password(form.password.data):
            return self._show(WRONG, email), 422
        try:
            ask_own_email(act(), _own(), email)
        except StaffEmailRefused as refused:
            return self._show(str(refused), email), 422
        once_kept(ring_mails)
        flash(SENT % email.strip().lower(), "success")
        return redirect(url_for("own_account.index"), 303)

    @expose("/adresse/<token>")
    def link(self, token: str) -> ResponseReturnValue:
        """What the mailed link opens: a page whose button confirms. Scanners of mails open links too."""
        try:
            asked = find_asked_email(session(), installation().settings, own_staff(), token, clock.now())
        except StaffEmailRefused as refused:
            return self._show(str(refused)), 422
        return self.render("admin/own_email_confirm.html", email=asked.email, token=token)

    @expose("/adresse/<token>", methods=("POST",))
    def confirm(self, token: str) -> ResponseReturnValue:
        """Take the address whose mailed link was opened."""
        try:
            email = confirm_own_email(act(), installation().settings, _own(), token)
        except StaffEmailRefused as refused:
            return self._show(str(refused)), 422
        once_kept(ring_mails)
        flash(f"Votre adresse est maintenant {email}.", "success")
        return redirect(url_for("own_account.index"), 303)

    def _show(self, refusal: str | None = None, email: str = "") -> str:
        asked = asked_email(session(), own_staff(), clock.now())
        return self.render("admin/own_account.html", asked=asked, refusal=refusal, email=email)


def _own() -> Staff:
    """Whoever is logged in, in the session that writes."""
    return session().get_one(Staff, own_staff().id)
