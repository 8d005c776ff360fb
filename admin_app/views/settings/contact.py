"""« Paramétrage → Contact établissement » (R23)."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import establishment, school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import ContactForm
from shared.establishments.settings import SettingProblem, SettingRefused, set_contact, settings_of
from shared.models.staff import Tab


class ContactPage(Page):
    """The address by which families reach the establishment from the portal."""

    name, path, place, need = "Contact établissement", "/parametrage/contact", "contact", Tab.SETTINGS
    menu_category = "Paramétrage"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The contact as it is."""
        settings = settings_of(session(), school_id())
        return self._show(settings.contact_active, settings.contact_email or establishment().email or "")

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the contact."""
        form = ContactForm()
        active, email, version = form.active.data, form.email.data or "", form.seen_version()
        try:
            set_contact(desk(), active=active, email=email, version=version)
        except SettingRefused as refused:
            session().rollback()
            if refused.problem is SettingProblem.CHANGED_MEANWHILE:
                flash(refused.problem.value, "error")
                return self.index(), 409
            return self._show(active, email, refused.problem), 422
        flash("Le contact est enregistré.", "success")
        return redirect(url_for("contact.index"), 303)

    def _show(self, active: bool, email: str, problem: SettingProblem | None = None) -> str:
        version = settings_of(session(), school_id()).version
        return self.render("admin/contact.html", active=active, email=email, version=version, problem=problem)
