"""« Personnels »: who may do what in the establishment, and what its head delegates."""

from datetime import date

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need, school_id
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.staff_changes import BY_HEAD, StaffChange, offered
from admin_app.visitors import actor
from shared import clock
from shared.editing import ChangedMeanwhile
from shared.models.staff import StaffRole, Tab
from shared.staff.creation import StaffRefused
from shared.staff.delegation import (
    Delegated,
    DelegationNotFound,
    change_delegation,
    delegate,
    find_delegation,
    people_of,
    what_to_delegate,
)
from shared.staff.handover import draw_password
from shared.staff.lost_access import NotYours, require_own_delegate
from shared.web.headers import row_number, typed_day

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié cette délégation pendant que vous la regardiez. Voici comment elle est maintenant : "
    "vérifiez-la avant de recommencer."
)
NOT_A_DAY = "Le dernier jour n'est pas une date. Exemple : 30/06/2027"


class PersonnelPage(Page):
    """The people of the establishment, for its head."""

    name, path, place, need = "Personnels", "/personnels", "personnel", Need.HEAD

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Who may do what, and a form to delegate."""
        return self._show()

    @expose("/", methods=("POST",))
    def delegate(self) -> ResponseReturnValue:
        """Delegate to a person; what is to be handed over is shown this once, the same whoever has the login."""
        login, name, drawn = request.form.get("identifiant", ""), request.form.get("nom", ""), draw_password()
        try:
            role = delegate(session(), school_id(), login, name, _wanted(), drawn, clock.now(), actor())
        except StaffRefused as refused:
            session().rollback()
            return self._show(str(refused)), 422
        staff = role.staff
        session().commit()
        return self._hand_over(staff.login, drawn.password)

    @expose("/<int:role_id>/")
    def edit(self, role_id: int) -> ResponseReturnValue:
        """One delegation, ready to be changed."""
        return self._edit(_find(role_id))

    @expose("/<int:role_id>/", methods=("POST",))
    def change(self, role_id: int) -> ResponseReturnValue:
        """Replace what is delegated."""
        role, version = _find(role_id), request.form.get("version", 0, row_number)
        try:
            change_delegation(session(), role, _wanted(), version, clock.now(), actor())
        except StaffRefused as refused:
            return self._edit(role, str(refused)), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(_find(role_id), CHANGED_MEANWHILE), 409
        session().commit()
        flash(f"La délégation de {role.shown_name} est modifiée.", "success")
        return redirect(url_for("personnel.index"), 303)

    @expose("/<int:role_id>/<string:change>")
    def ask(self, role_id: int, change: str) -> ResponseReturnValue:
        """What a change will do, before it is done."""
        role = _find(role_id)
        return self.render(
            "admin/staff_change.html", role=role, change=_change(change), back=url_for("personnel.index")
        )

    @expose("/<int:role_id>/<string:change>", methods=("POST",))
    def make(self, role_id: int, change: str) -> ResponseReturnValue:
        """Do it."""
        wanted = _change(change)
        drawn = wanted.draw()
        role = _find(role_id)
        name = role.shown_name
        try:
            if wanted.reaches_login:
                require_own_delegate(session(), role)
        except NotYours as refused:
            flash(str(refused), "error")
            return redirect(url_for("personnel.index"), 303)
        wanted.make(session(), role, drawn, clock.now(), actor())
        session().commit()
        if drawn is not None:
            return self._hand_over(role.staff.login, drawn.password)
        flash(wanted.done.format(name), "success")
        return redirect(url_for("personnel.index"), 303)

    def _hand_over(self, login: str, code: str) -> str:
        back = url_for("personnel.index")
        return self.render("admin/handover.html", login=login, password=code, back=back, may_exist=True)

    def _show(self, refusal: str | None = None) -> str:
        people = people_of(session(), school_id())
        return self.render(
            "admin/personnel.html",
            people=[(role, offered(BY_HEAD, role)) for role in people],
            tabs=list(Tab),
            today=today(),
            refusal=refusal,
            typed=request.form,
            ticked=set(request.form.getlist("onglet")),
        )

    def _edit(self, role: StaffRole, refusal: str | None = None) -> str:
        return self.render("admin/delegation.html", role=role, tabs=list(Tab), today=today(), refusal=refusal)


def _wanted() -> Delegated:
    return what_to_delegate(request.form.getlist("onglet"), _last_day(request.form.get("fin", "")), today())


def _last_day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return typed_day(text.strip())
    except ValueError:
        raise StaffRefused(NOT_A_DAY) from None


def _find(role_id: int) -> StaffRole:
    try:
        return find_delegation(session(), school_id(), role_id)
    except DelegationNotFound:
        abort(404)


def _change(code: str) -> StaffChange:
    return BY_HEAD.get(code) or abort(404)
