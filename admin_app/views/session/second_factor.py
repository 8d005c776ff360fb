"""« Double authentification »: each member of staff sets the own second factor, and gets recovery codes."""

import segno
from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need, is_factor_required_here
from admin_app.installation import installation, let_go, session
from admin_app.page import Page, expose
from admin_app.ui.forms.own import CodeForm, PasswordAgainForm
from admin_app.views.session.login import WRONG_CODE
from admin_app.views.session.password import WRONG, is_own_password
from admin_app.visitors import caller, own_staff
from shared.models.staff import Staff
from shared.staff.second_factor import (
    CodeRefused,
    FactorSetAlready,
    accepts_code,
    address_of,
    begin_factor,
    confirm_factor,
    recovery_codes_left,
    remove_factor,
    renew_recovery_codes,
    secret_of,
)

FIRST_CODE_WRONG = "Ce code n'est pas celui que le téléphone montre maintenant. Vérifiez son heure, puis recommencez."
SET_ALREADY = "La double authentification est déjà installée."
QR_PIXELS = 5


class SecondFactorPage(Page):
    """Opens once the password was chosen, even when nothing else does before this is done."""

    name, path, place = "Double authentification", "/double-authentification", "second_factor"
    need, listed = Need.CHOSEN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """How it stands: nothing yet, a telephone to be given the secret, or set."""
        return self._show()

    @expose("/commencer", methods=("POST",))
    def begin(self) -> ResponseReturnValue:
        """Draw a secret, for who types the password again: a browser left open sets no telephone of somebody else."""
        if not is_own_password(PasswordAgainForm().password.data):
            return self._show(WRONG), 422
        try:
            begin_factor(_own(), installation().sealer)
        except FactorSetAlready:
            session().rollback()
            flash(SET_ALREADY, "info")
        return redirect(url_for("second_factor.index"), 303)

    @expose("/", methods=("POST",))
    def confirm(self) -> ResponseReturnValue:
        """Set it, now that the telephone shows the right code; the recovery codes are shown this once."""
        try:
            codes = confirm_factor(caller(), _own(), installation().sealer, CodeForm().typed())
        except FactorSetAlready:
            session().rollback()
            flash(SET_ALREADY, "info")
            return redirect(url_for("second_factor.index"), 303)
        except CodeRefused:
            return self._show(FIRST_CODE_WRONG), 422
        return self.render("admin/recovery_codes.html", codes=codes)

    @expose("/codes", methods=("POST",))
    def renew_codes(self) -> ResponseReturnValue:
        """Ten other recovery codes, for who gives a code."""
        if not self._accepts_code():
            return self._show(WRONG_CODE), 422
        codes = renew_recovery_codes(caller(), _own())
        return self.render("admin/recovery_codes.html", codes=codes)

    @expose("/retirer", methods=("POST",))
    def remove(self) -> ResponseReturnValue:
        """Take it away, for who gives a code: to do without, or to set it on another telephone."""
        if not self._accepts_code():
            return self._show(WRONG_CODE), 422
        remove_factor(caller(), _own())
        flash("La double authentification est retirée. Vos autres navigateurs ont été déconnectés.", "success")
        return redirect(url_for("second_factor.index"), 303)

    def _accepts_code(self) -> bool:
        right = accepts_code(caller(), _own(), installation().sealer, CodeForm().typed())
        let_go()
        return right

    def _show(self, refusal: str | None = None) -> str:
        staff, secret = _own(), None
        if staff.factor_secret is not None and staff.factor_set_at is None:
            secret = secret_of(staff, installation().sealer)
        return self.render(
            "admin/second_factor.html",
            refusal=refusal,
            required=is_factor_required_here(),
            secret=secret,
            qr=segno.make(address_of(staff, secret)).svg_data_uri(scale=QR_PIXELS, border=3) if secret else None,
            set_at=staff.factor_set_at,
            left=recovery_codes_left(session(), staff),
        )


def _own() -> Staff:
    """The visitor, as the session of this request holds it."""
    return session().get_one(Staff, own_staff().id)
