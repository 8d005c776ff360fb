"""« Personnels »: who may do what in the establishment, and what its head delegates."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, or_
from sqlalchemy.orm import contains_eager

from admin_app.access import Need, school_id
from admin_app.desk import act, desk
from admin_app.installation import session, today
from admin_app.page import expose
from admin_app.tables.filters import OneOf
from admin_app.tables.view import TableView
from admin_app.templating import day
from admin_app.ui.forms.of_pages import DelegationForm
from admin_app.ui.labels import TABS
from admin_app.ui.staff_changes import BY_HEAD, StaffChange, offered
from shared.models.staff import Staff, StaffRole, StaffRoleKind, Tab
from shared.rows.editing import ChangedMeanwhile
from shared.rows.sorted_paging import SortKey
from shared.sign_on.entering import provided_in
from shared.staff.creation import StaffRefused
from shared.staff.delegation import (
    Delegated,
    DelegationNotFound,
    change_delegation,
    delegate,
    find_delegation,
    what_to_delegate,
)
from shared.staff.handover import draw_password
from shared.staff.lost_access import NotYours, require_own_delegate
from shared.web.headers import typed_day

CHANGED_MEANWHILE = (
    "Quelqu'un d'autre a modifié cette délégation pendant que vous la regardiez. Voici comment elle est maintenant : "
    "vérifiez-la avant de recommencer."
)
NOT_A_DAY = "Le dernier jour n'est pas une date. Exemple : 30/06/2027"


NAME = func.coalesce(StaffRole.invited_name, Staff.name)
"""As the establishment may know it: what somebody who is only invited is called finds nothing and sorts nothing."""
LAST_LOGIN = case((StaffRole.invitation_hash.is_(None), Staff.last_login_at))
ENDED, CLOSED, INVITED, OPEN = "terminees", "fermes", "invites", "en-cours"
STANDINGS = {OPEN: "En cours", INVITED: "En attente d'accord", ENDED: "Terminées", CLOSED: "Accès fermé"}


def _stands(wanted: str) -> ColumnElement[bool]:
    invited = StaffRole.invitation_hash.is_not(None)
    closed = and_(Staff.disabled_at.is_not(None), ~invited)
    ended = and_(StaffRole.ends_on.is_not(None), StaffRole.ends_on < today())
    return {INVITED: invited, CLOSED: closed, ENDED: ended, OPEN: ~or_(invited, closed, ended)}[wanted]


def _opens(wanted: str) -> ColumnElement[bool]:
    delegated = cast(StaffRole.tabs, Text).contains(f'"{wanted}"', autoescape=True)
    return or_(StaffRole.kind != StaffRoleKind.DELEGATE, delegated)


class PersonnelPage(TableView):
    """The people of the establishment, for its head."""

    name, path, place, need = "Personnels", "/personnels", "personnel", Need.HEAD
    heading, file_name, list_template = "Personnels et délégations", "personnels", "admin/personnel.html"
    empty = "Personne n'a encore de rôle dans cet établissement."
    nothing_found = "Personne ne correspond"
    model, owner = StaffRole, "establishment_id"
    column_list = ("person", "tabs", "ends_on", "last_login")
    column_labels: ClassVar = {
        "person": "Personne",
        "login": "Identifiant",
        "kind": "Rôle",
        "tabs": "Peut ouvrir",
        "ends_on": "Jusqu'à quand",
        "last_login": "Dernière connexion",
    }
    column_sortable_list: ClassVar = [("person", NAME), "ends_on", ("last_login", LAST_LOGIN)]
    column_searchable_list = (NAME, Staff.login)
    column_filters: ClassVar = [
        OneOf("etat", "État", STANDINGS.items, _stands),
        OneOf("peut_ouvrir", "Peut ouvrir", lambda: [(tab.value, TABS[tab]) for tab in Tab], _opens),
    ]
    column_formatters: ClassVar = {
        "person": lambda view, context, role, name: Markup('{}<br><span class="identifier">{}</span>').format(
            role.shown_name, role.staff.login
        ),
        "tabs": lambda view, context, role, name: _may_open(role),
        "ends_on": lambda view, context, role, name: _until(role),
        "last_login": lambda view, context, role, name: _came_last(role),
    }
    column_export_list = ("person", "login", "kind", "tabs", "ends_on", "last_login")
    column_formatters_export: ClassVar = {
        "person": lambda view, context, role, name: role.shown_name,
        "login": lambda view, context, role, name: role.staff.login,
        "tabs": lambda view, context, role, name: _may_open(role),
        "last_login": lambda view, context, role, name: None if role.invitation_hash else role.staff.last_login_at,
    }
    column_display_actions = True

    def rows(self) -> Select[Any]:
        """Everybody with a role in the establishment."""
        return super().rows().join(StaffRole.staff).options(contains_eager(StaffRole.staff))

    def usual_order(self) -> Sequence[SortKey]:
        """Heads first, by name."""
        return (SortKey(case((StaffRole.kind == StaffRoleKind.DELEGATE, 1), else_=0)), SortKey(NAME))

    def beside(self, rows: Sequence[StaffRole]) -> dict[str, Any]:
        """What can be done to each person."""
        return {"changes": {role.id: offered(BY_HEAD, role) for role in rows}}

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Who may do what, and a form to delegate."""
        return self._show(DelegationForm(formdata=None))

    @expose("/", methods=("POST",))
    def delegate(self) -> ResponseReturnValue:
        """Delegate to a person; what is to be handed over is shown this once, the same whoever has the login."""
        form, drawn = DelegationForm(), draw_password()
        login, name = form.login.data or "", form.name.data or ""
        try:
            role = delegate(desk(), login, name, _wanted(form), drawn)
        except StaffRefused as refused:
            session().rollback()
            return self._show(form, str(refused)), 422
        staff = role.staff
        return self._hand_over(staff.login, drawn.password)

    @expose("/<int:role_id>/")
    def edit(self, role_id: int) -> ResponseReturnValue:
        """One delegation, ready to be changed."""
        return self._edit(_find(role_id))

    @expose("/<int:role_id>/", methods=("POST",))
    def change(self, role_id: int) -> ResponseReturnValue:
        """Replace what is delegated."""
        role, form = _find(role_id), DelegationForm()
        try:
            change_delegation(act(), role, _wanted(form), form.seen_version())
        except StaffRefused as refused:
            return self._edit(role, str(refused)), 422
        except ChangedMeanwhile:
            session().rollback()
            return self._edit(_find(role_id), CHANGED_MEANWHILE), 409
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
        """Make the change that was confirmed to a role of the establishment."""
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
        wanted.make(act(), role, drawn)
        if drawn is not None:
            return self._hand_over(role.staff.login, drawn.password)
        flash(wanted.done.format(name), "success")
        return redirect(url_for("personnel.index"), 303)

    def _hand_over(self, login: str, code: str) -> str:
        back = url_for("personnel.index")
        return self.render("admin/handover.html", login=login, password=code, back=back, may_exist=True)

    def _show(self, form: DelegationForm, refusal: str | None = None) -> str:
        self._template_args.update(
            tabs=list(Tab),
            today=today(),
            refusal=refusal,
            form=form,
            provided=provided_in(session(), school_id(), today()),
        )
        return self.index_view()

    def _edit(self, role: StaffRole, refusal: str | None = None) -> str:
        return self.render("admin/delegation.html", role=role, tabs=list(Tab), today=today(), refusal=refusal)


def _wanted(form: DelegationForm) -> Delegated:
    return what_to_delegate(form.tabs.data or [], _last_day(form.last_day.data or ""), today())


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


def _may_open(role: StaffRole) -> str:
    delegated = role.kind is StaffRoleKind.DELEGATE
    return ", ".join(TABS[Tab(tab)] for tab in role.tabs) if delegated else "Tout, et déléguer"


def _until(role: StaffRole) -> str:
    if role.staff.disabled_at and not role.invitation_hash:
        return Markup('<span class="state">Accès fermé</span>')
    if role.ends_on is None:
        return "Sans fin"
    if role.ends_on < today():
        return Markup('<span class="state">Terminée le {}</span>').format(day(role.ends_on))
    return f"Jusqu'au {day(role.ends_on)}"


def _came_last(role: StaffRole) -> str:
    if role.invitation_hash:
        return "jamais"
    came = day(role.staff.last_login_at) or "jamais"
    return Markup("{}<br><small>double authentification</small>").format(came) if role.staff.factor_set_at else came
