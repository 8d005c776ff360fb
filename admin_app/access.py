"""What each page needs, and who may open it: asked before every request, so that no view can forget to.

A page declares its need (`admin_app.page.Page`); one that declares none opens for nobody.
"""

import enum
from typing import cast

import flask
from flask import Flask, abort, current_app, flash, g, redirect, request, url_for
from werkzeug.exceptions import Conflict
from werkzeug.wrappers import Response

from admin_app.installation import session
from admin_app.visitors import Visitor, leave, own_visit, visitor
from shared.accounts.helping.scope import Scope
from shared.accounts.ties.powers import Role
from shared.models.school import Establishment
from shared.models.staff import StaffRoleKind, Tab
from shared.staff.access import (
    Access,
    EstablishmentNotFound,
    access_to,
    establishments_open_to,
    help_scope,
    is_academy,
)
from shared.staff.second_factor import is_factor_required
from shared.web.application import READING, write_from_here

FILES = {"static", "admin.static"}
HOME = "admin.index"
CHOSEN = "establishment_id"
WANTED = "wanted"
SCHOOL_FIELD = "etablissement"
"""Every form says which establishment it was shown for: another one may have been chosen meanwhile in another tab."""


class Need(enum.Enum):
    """What opens a page that is not a tab which can be delegated."""

    NOTHING = enum.auto()
    LOGIN = enum.auto()
    """Even with a password that must be changed first."""
    CHOSEN_PASSWORD = enum.auto()
    """A login whose password was chosen by its owner, even when a second factor must be set first."""
    OWN_PASSWORD = enum.auto()
    """A login that its owner made safe: own password, and a second factor where it is required."""
    ESTABLISHMENT = enum.auto()
    """Any role in the establishment chosen."""
    ACCOUNTS = enum.auto()
    """Either tab of accounts, the guardians' or the students'; the page tells of those that are open."""
    HEAD = enum.auto()
    ACADEMY = enum.auto()
    """The académie's administrators, whatever establishment is chosen, or none."""
    HELP_DESK = enum.auto()
    """The help desk, and the académie's administrators; whatever establishment is chosen, or none."""


Requirement = Need | Tab


class OtherSchoolChosen(Conflict):
    """The form was shown for one establishment, and another one is chosen now: nothing was done."""


def need_of(app: Flask, endpoint: str) -> Requirement | None:
    """What opens `endpoint`; none when its view forgot to say it, which opens it for nobody."""
    if endpoint in FILES:
        return Need.NOTHING
    view, _, _ = endpoint.partition(".")
    return cast("dict[str, Requirement]", app.extensions["needs"]).get(view)


def guard(app: Flask, needs: dict[str, Requirement]) -> None:
    """Ask before every request whether its page opens. `needs` tells what opens each view, by its endpoint."""
    app.extensions["needs"] = needs

    @app.before_request
    def open_or_refuse() -> Response | None:
        need = need_of(app, request.endpoint) if request.endpoint else Need.NOTHING
        if need is None:
            abort(404)
        if request.endpoint not in FILES:
            g.access = _access_to_chosen_establishment()
        away = _send_away(need)
        if away is None and not is_open(need):
            abort(403)
        return away

    write_from_here(app)


def guard_forms(app: Flask) -> None:
    """Refuse a form shown for another establishment than the one chosen now. Registered after the check of CSRF."""

    @app.before_request
    def same_school() -> None:
        if request.method in READING or request.endpoint is None:
            return
        need = need_of(app, request.endpoint)
        in_school = need in {Need.ESTABLISHMENT, Need.ACCOUNTS, Need.HEAD} or isinstance(need, Tab)
        if in_school and request.form.get(SCHOOL_FIELD) != str(chosen_access().establishment.id):
            raise OtherSchoolChosen


def chosen_access() -> Access:
    """What the visitor may do in the establishment chosen, on pages that need one."""
    access: Access = g.access
    return access


def establishment() -> Establishment:
    """The establishment chosen, as read when the request began."""
    return chosen_access().establishment


def school_id() -> int:
    """The number of the establishment chosen: every look-up of a page is made with it."""
    return chosen_access().establishment.id


def acts_as() -> Role:
    """What the visitor is in the establishment chosen, to the matrix of ties."""
    return Role(chosen_access().kind.value)


def is_open(need: Requirement) -> bool:
    """Whether a page with this need opens for the visitor: what the menu shows."""
    if need is Need.NOTHING:
        return True
    known = visitor()
    if known is None:
        return False
    if need is Need.LOGIN:
        return True
    if known.staff.must_change_password:
        return False
    if need is Need.CHOSEN_PASSWORD:
        return True
    if _must_set_factor(known):
        return False
    if need is Need.ACADEMY:
        return is_of_academy()
    if need is Need.HELP_DESK:
        return is_of_help_desk()
    return need is Need.OWN_PASSWORD or _is_open_in_school(g.get("access"), need)


def is_of_academy() -> bool:
    """Whether the visitor administers the académie; asked of the database once for each request."""
    if "of_academy" not in g:
        access = g.get("access")
        if access is not None:
            g.of_academy = access.kind is StaffRoleKind.ACADEMY
        else:
            g.of_academy = visitor() is not None and is_academy(session(), own_visit())
    of_academy: bool = g.of_academy
    return of_academy


def is_of_help_desk() -> bool:
    """Whether the visitor may find accounts in order to help their holders: the help desk, and the académie."""
    access = g.get("access")
    if access is not None:
        helps: bool = access.helps or is_of_academy()
        return helps
    return visitor() is not None and helping_scope() is not None


def helping_scope() -> Scope | None:
    """Where the visitor may find accounts in order to help; asked once for each request."""
    if "helping" not in g:
        g.helping = help_scope(session(), own_visit())
    scope: Scope | None = g.helping
    return scope


def is_factor_required_here() -> bool:
    """Whether the académie requires a second factor of the visitor; asked once for each request."""
    if "factor_required" not in g:
        g.factor_required = is_factor_required(session(), own_visit())
    required: bool = g.factor_required
    return required


def choose(establishment_id: int, *, only_one: bool = False) -> None:
    """Remember the establishment that this browser works in; the right to is asked again at every request."""
    flask.session[CHOSEN] = establishment_id
    flask.session["only_one"] = only_one


def wanted_page() -> str:
    """The page that the visitor asked for before having to log in or to choose, else « Accueil »."""
    wanted: str = flask.session.pop(WANTED, None) or url_for("admin.index")
    return wanted


def want(page: str) -> None:
    """Remember the page to go on to, an address of our own."""
    flask.session[WANTED] = page


def _access_to_chosen_establishment() -> Access | None:
    chosen = flask.session.get(CHOSEN)
    if visitor() is None or chosen is None:
        return None
    try:
        return access_to(session(), own_visit(), chosen)
    except EstablishmentNotFound:
        # The role ended, or the establishment is gone: the next page asks which one to work in.
        flask.session.pop(CHOSEN)
        g.lost = True
        return None


def _must_set_factor(known: Visitor) -> bool:
    """Whether nothing opens to the visitor before a second factor is set."""
    return known.must_have_factor_here and is_factor_required_here()


def _send_away(need: Requirement) -> Response | None:
    if need is Need.NOTHING:
        return None
    known = visitor()
    if known is None:
        return _to_login()
    if need is Need.LOGIN:
        return None
    if known.staff.must_change_password:
        return redirect(url_for("password.index"), 303)
    if need is Need.CHOSEN_PASSWORD:
        return None
    if _must_set_factor(known):
        return redirect(url_for("second_factor.index"), 303)
    if need in {Need.OWN_PASSWORD, Need.ACADEMY, Need.HELP_DESK} or g.access is not None:
        return None
    if g.get("lost"):
        abort(404)
    helps_only = request.endpoint == HOME and is_open(Need.HELP_DESK) and not _works_anywhere()
    return redirect(url_for("help_desk.index" if helps_only else "schools.index"), 303)


def _works_anywhere() -> bool:
    return bool(establishments_open_to(session(), own_visit(), limit=1))


def _to_login() -> Response:
    was_logged_in = "_user_id" in flask.session
    leave()
    # Behind one port, the back office is a folder of the site.
    if request.method in READING:
        want(f"{request.script_root}{request.full_path.rstrip('?')}")
    elif _can_be_read(request.path):
        # The page of the form that was sent: what was typed there is given back by its script.
        want(f"{request.script_root}{request.path}")
    if was_logged_in:
        flash("Vous n'êtes plus connecté. Connectez-vous de nouveau.", "info")
    return redirect(url_for("login.index"), 303)


def _can_be_read(path: str) -> bool:
    addresses = current_app.create_url_adapter(request)
    return addresses is not None and addresses.test(path, "GET")


def _is_open_in_school(access: Access | None, need: Requirement) -> bool:
    if access is None:
        return False
    if isinstance(need, Tab):
        return access.may(need)
    if need is Need.ACCOUNTS:
        return access.may(Tab.GUARDIANS) or access.may(Tab.STUDENTS)
    return need is Need.ESTABLISHMENT or access.is_head
