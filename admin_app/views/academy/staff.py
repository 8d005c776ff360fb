"""« Académie → Établissements »: what the académie does to the login or the role of somebody there."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.staff_changes import BY_ACADEMY
from admin_app.visitors import actor
from shared import clock
from shared.models.staff import StaffRole
from shared.staff.lost_access import NotYours, RoleNotFound, find_role_for_academy


class AcademyStaffPage(Page):
    """Another password, the second factor taken away, a login closed and opened, a role removed."""

    name, path, place, need = "Personnel d'un établissement", "/academie/personnels", "academy_staff", Need.ACADEMY
    listed = False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Nobody is managed outside an establishment."""
        return redirect(url_for("academy_schools.index"), 303)

    @expose("/<int:school>/<int:role_id>/<string:change>")
    def ask(self, school: int, role_id: int, change: str) -> ResponseReturnValue:
        """What it will do, before it is done."""
        wanted = BY_ACADEMY.get(change) or abort(404)
        back = url_for("academy_schools.show", school=school)
        try:
            role = _find(school, role_id)
        except NotYours as refused:
            flash(str(refused), "error")
            return redirect(back, 303)
        return self.render("admin/staff_change.html", role=role, change=wanted, back=back)

    @expose("/<int:school>/<int:role_id>/<string:change>", methods=("POST",))
    def make(self, school: int, role_id: int, change: str) -> ResponseReturnValue:
        """Do it."""
        wanted = BY_ACADEMY.get(change) or abort(404)
        back, drawn = url_for("academy_schools.show", school=school), wanted.draw()
        try:
            role = _find(school, role_id)
        except NotYours as refused:
            flash(str(refused), "error")
            return redirect(back, 303)
        staff = role.staff
        wanted.make(session(), role, drawn, clock.now(), actor())
        if drawn is not None:
            return self.render("admin/handover.html", login=staff.login, password=drawn.password, back=back)
        flash(wanted.done.format(staff.name), "success")
        return redirect(back, 303)


def _find(establishment_id: int, role_id: int) -> StaffRole:
    try:
        return find_role_for_academy(session(), establishment_id, role_id)
    except RoleNotFound:
        abort(404)
