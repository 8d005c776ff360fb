"""« Base élèves → Changements de personne »: keys of SIECLE that stand for somebody else now (R31)."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from shared.accounts.ties.powers import Power
from shared.models.imports.identity import IdentityChange
from shared.models.staff import Tab
from shared.siecle.recognising.seen import (
    PAGE,
    ChangeNotFound,
    changes_of_school,
    find_change,
    note_all_seen,
    note_seen,
)
from shared.web.headers import row_number


class IdentityChangesPage(Page):
    """Those to look at, and those that somebody looked at."""

    name, path, place, need = "Changements de personne", "/base/identites", "identity_changes", Tab.IMPORTS
    menu_category = "Base élèves"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_IDENTIFIER}),
        "show": frozenset({Power.SEE_IDENTIFIER}),
        "see": frozenset({Power.SEE_IDENTIFIER}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The list, newest first."""
        seen = "vus" in request.args
        before_id = request.args.get("avant", type=row_number)
        found = changes_of_school(session(), school_id(), seen=seen, before_id=before_id, limit=PAGE + 1)
        changes = found[:PAGE]
        next_id = changes[-1].id if len(found) > PAGE else None
        return self.render("admin/identity_changes.html", changes=changes, seen=seen, next_id=next_id)

    @expose("/<int:change_id>/")
    def show(self, change_id: int) -> ResponseReturnValue:
        """The two persons, side by side."""
        return self.render("admin/identity_change.html", change=_find(change_id))

    @expose("/<int:change_id>/", methods=("POST",))
    def see(self, change_id: int) -> ResponseReturnValue:
        """« Vu »: « Accueil » speaks of this change no more."""
        try:
            note_seen(desk(), change_id)
        except ChangeNotFound:
            abort(404)
        return redirect(url_for("identity_changes.index"), 303)

    @expose("/vus/", methods=("POST",))
    def see_all(self) -> ResponseReturnValue:
        """« Tout vu »: those that were there when the page was shown."""
        last_id = request.form.get("jusqua", 0, type=row_number)
        count = note_all_seen(desk(), last_id)
        flash(f"{count} changements vus." if count > 1 else "C'est vu.", "success")
        return redirect(url_for("identity_changes.index"), 303)


def _find(change_id: int) -> IdentityChange:
    try:
        return find_change(session(), school_id(), change_id)
    except ChangeNotFound:
        abort(404)
