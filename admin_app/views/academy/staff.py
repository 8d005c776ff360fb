"""What the académie does to the login or the role of somebody: in an establishment, or of the help desk."""

from typing import ClassVar

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import HelperForm
from admin_app.ui.staff_changes import BY_ACADEMY, OF_HELP_DESK, StaffChange, offered
from shared.models.staff import StaffRole
from shared.staff.creation import StaffRefused
from shared.staff.handover import draw_password
from shared.staff.help_desk import find_helper, helpers, name_helper
from shared.staff.lost_access import NotYours, RoleNotFound, find_role_for_academy

Place = int | None
"""An establishment; none for the help desk, whose people may be of all of them."""


class AcademyStaffPage(Page):
    """Another password, the second factor taken away, a login closed and opened, a role removed; and the help desk."""

    name, path, place, need = "Personnel de l'assistance", "/academie/personnels", "academy_staff", Need.ACADEMY
    menu_category = "Académie"

    powers: ClassVar = {}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Who is of the help desk."""
        return self._list(HelperForm(formdata=None))

    @expose("/", methods=("POST",))
    def name_helper(self) -> ResponseReturnValue:
        """Name somebody; the password, new also for a login that exists, is shown this once."""
        form, drawn = HelperForm(), draw_password()
        login = form.login.data or ""
        try:
            name_helper(act(), (login, form.name.data or ""), form.uai.data or "", drawn)
        except (StaffRefused, NotYours) as refused:
            session().rollback()
            return self._list(form, str(refused)), 422
        back = url_for("academy_staff.index")
        return self.render("admin/handover.html", login=login.strip().lower(), password=drawn.password, back=back)

    @expose("/assistance/<int:role_id>/<string:change>")
    def ask_helper(self, role_id: int, change: str) -> ResponseReturnValue:
        """What it will do to somebody of the help desk, before it is done."""
        return self._ask(None, role_id, OF_HELP_DESK.get(change) or abort(404))

    @expose("/assistance/<int:role_id>/<string:change>", methods=("POST",))
    def change_helper(self, role_id: int, change: str) -> ResponseReturnValue:
        """Make the change that was confirmed to a role of the help desk."""
        return self._make(None, role_id, OF_HELP_DESK.get(change) or abort(404))

    @expose("/<int:school>/<int:role_id>/<string:change>")
    def ask(self, school: int, role_id: int, change: str) -> ResponseReturnValue:
        """What it will do to somebody of an establishment, before it is done."""
        return self._ask(school, role_id, BY_ACADEMY.get(change) or abort(404))

    @expose("/<int:school>/<int:role_id>/<string:change>", methods=("POST",))
    def make(self, school: int, role_id: int, change: str) -> ResponseReturnValue:
        """Make the change that was confirmed to a role in an establishment."""
        return self._make(school, role_id, BY_ACADEMY.get(change) or abort(404))

    def _list(self, form: HelperForm, refusal: str | None = None) -> str:
        people = [(role, offered(OF_HELP_DESK, role)) for role in helpers(session())]
        return self.render("admin/academy_staff.html", people=people, form=form, refusal=refusal)

    def _ask(self, place: Place, role_id: int, change: StaffChange) -> ResponseReturnValue:
        back = _back(place)
        try:
            role = _find(place, role_id)
        except NotYours as refused:
            flash(str(refused), "error")
            return redirect(back, 303)
        return self.render("admin/staff_change.html", role=role, change=change, back=back)

    def _make(self, place: Place, role_id: int, change: StaffChange) -> ResponseReturnValue:
        back, drawn = _back(place), change.draw()
        try:
            role = _find(place, role_id)
        except NotYours as refused:
            flash(str(refused), "error")
            return redirect(back, 303)
        staff = role.staff
        change.make(act(), role, drawn)
        if drawn is not None:
            return self.render("admin/handover.html", login=staff.login, password=drawn.password, back=back)
        flash(change.done.format(staff.name), "success")
        return redirect(back, 303)


def _back(place: Place) -> str:
    return url_for("academy_staff.index") if place is None else url_for("academy_schools.show", school=place)


def _find(place: Place, role_id: int) -> StaffRole:
    try:
        return find_helper(session(), role_id) if place is None else find_role_for_academy(session(), place, role_id)
    except RoleNotFound:
        abort(404)
