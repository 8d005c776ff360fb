"""« Académie → Sécurité »: of whom a second factor is required, and whether new devices are told."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import SecurityPolicyForm
from shared.limits.security_policy import policy_of, set_policy
from shared.models.academy import FactorRequired
from shared.rows.editing import ChangedMeanwhile
from shared.staff.second_factor import without_factor

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a changé ces réglages pendant que vous les regardiez. Voici ceux d'aujourd'hui : vérifiez-les "
    "avant de recommencer."
)
CHOOSE = "Dites à qui la double authentification est demandée : choisissez une des trois réponses."


class SecurityPolicyPage(Page):
    """The choice of the académie, for all its establishments."""

    name, path, place, need = "Sécurité", "/academie/securite", "security_policy", Need.ACADEMY
    menu_category = "Académie"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The choice as it is, and whom it would concern."""
        return self._show()

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Replace the policy."""
        form = SecurityPolicyForm()
        required = form.factor_required.data
        if required not in set(FactorRequired):
            return self._show(CHOOSE), 422
        told = bool(form.tells_of_new_devices.data)
        try:
            set_policy(act(), FactorRequired(required), tells_of_new_devices=told, version=form.seen_version())
        except ChangedMeanwhile:
            session().rollback()
            return self._show(CHANGED_MEANWHILE), 409
        flash("C'est enregistré.", "success")
        return redirect(url_for("security_policy.index"), 303)

    def _show(self, problem: str | None = None) -> str:
        return self.render(
            "admin/security_policy.html",
            policy=policy_of(session()),
            without=without_factor(session(), today()),
            problem=problem,
        )
