"""« Doublons → Courriel d'alerte »: who is told that new likely duplicates were found (R14)."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import AlertForm
from admin_app.ui.forms.typed import one_of
from shared.duplicates.pairs.alert_settings import alert_of, set_alert
from shared.establishments.settings import SettingProblem, SettingRefused
from shared.models.duplicates import AlertRecipient
from shared.models.staff import Tab
from shared.staff.access import emails_of_staff


class DuplicatesAlertPage(Page):
    """The choice of the establishment."""

    name, path, place, need = "Courriel d'alerte", "/base/doublons/alerte", "duplicates_alert", Tab.DUPLICATES
    menu_category = "Base élèves"
    listed = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The choice as it is."""
        alert = alert_of(session(), school_id())
        return self._show(alert.sent_to, alert.email or "")

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace whom the establishment wants told."""
        form = AlertForm()
        email, sent_to = form.email.data, one_of(AlertRecipient, form.sent_to.data, AlertRecipient.STAFF)
        try:
            set_alert(desk(), sent_to, email, version=form.seen_version())
        except SettingRefused as refused:
            session().rollback()
            if refused.problem is SettingProblem.CHANGED_MEANWHILE:
                flash(refused.problem.value, "error")
                return self.index(), 409
            return self._show(sent_to, email, refused.problem), 422
        flash("C'est enregistré.", "success")
        return redirect(url_for("duplicates_alert.index"), 303)

    def _show(self, sent_to: AlertRecipient, email: str, problem: SettingProblem | None = None) -> str:
        return self.render(
            "admin/duplicates_alert.html",
            sent_to=sent_to.value,
            email=email,
            told=len(emails_of_staff(session(), school_id(), Tab.DUPLICATES, today())),
            version=alert_of(session(), school_id()).version,
            problem=problem,
        )
