"""« Paramétrage → ENT et courrier de notification », the logo at the head of the letters (R20)."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.quotas import UPLOADS, use_own
from admin_app.ui.forms.typed import VersionedForm
from shared.models.staff import Tab
from shared.notifications.letters.logo import (
    LARGEST_FILE,
    LogoRefused,
    current_logo,
    remove_logo,
    set_logo,
)
from shared.rows.editing import ChangedMeanwhile

OVERTAKEN = (
    "Quelqu'un d'autre a modifié le logo pendant que vous le regardiez. "
    "Voici l'actuel : vérifiez-le avant de recommencer."
)


class LogoPage(Page):
    """The picture that the letters show."""

    name, path, place, need = "Logo des courriers", "/parametrage/logo", "logo", Tab.SETTINGS
    menu_category, listed = "Paramétrage", False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The logo as it will be printed, and a form to choose another."""
        return self._show()

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the logo by the picture that was sent."""
        file = request.files.get("image")
        if file is None or not file.filename:
            return self._show("Choisissez d'abord une image, en PNG ou en JPEG."), 422
        use_own(UPLOADS)
        # One byte more than is allowed says that there is more.
        content = file.stream.read(LARGEST_FILE + 1)
        try:
            set_logo(desk(), content, version=VersionedForm().seen_version())
        except LogoRefused as refused:
            session().rollback()
            return self._show(str(refused)), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._show(OVERTAKEN), 409
        flash("Le logo est enregistré : les prochains courriers le porteront.", "success")
        return redirect(url_for("logo.index"), 303)

    @expose("/retirer")
    def ask_remove(self) -> ResponseReturnValue:
        """Ask before the logo is removed."""
        return self.render("admin/logo_remove.html", current=current_logo(session(), school_id()))

    @expose("/retirer", methods=("POST",))
    def remove(self) -> ResponseReturnValue:
        """Go back to letters without a logo."""
        try:
            remove_logo(desk(), version=VersionedForm().seen_version())
        except ChangedMeanwhile:
            session().rollback()
            return self._show(OVERTAKEN), 409
        flash("Le logo est retiré.", "success")
        return redirect(url_for("logo.index"), 303)

    def _show(self, problem: str | None = None) -> str:
        return self.render("admin/logo.html", current=current_logo(session(), school_id()), problem=problem)
