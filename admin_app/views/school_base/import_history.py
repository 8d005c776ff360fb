"""« Base élèves → Arrivées et départs »: what each import did to whom, and what it lost (R26, R32)."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.labels import changed_persons
from admin_app.ui.print_mode import page_rows
from admin_app.visitors import actor
from shared import clock
from shared.exports.import_changes import changes_sheet
from shared.models.import_changes import PersonChange
from shared.models.staff import Tab
from shared.siecle.effects.history import (
    PAGE,
    RunLine,
    RunNotFound,
    changes_of_run,
    count_to_see,
    find_run,
    note_losses_seen,
    runs_of_school,
)
from shared.siecle.losses import Sort
from shared.web.headers import row_number

RUNS = 20
MOVES = (PersonChange.ARRIVED, PersonChange.LEFT, PersonChange.MOVED)
"""Shown in the list of imports."""


class ImportHistoryPage(Page):
    """The imports that were done, each with whom it changed."""

    name, path, place, need = "Arrivées et départs", "/base/mouvements", "import_history", Tab.IMPORTS
    menu_category = "Base élèves"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The imports, newest first, or those that lost something that nobody has looked at."""
        to_see, before_id = "a_voir" in request.args, request.args.get("avant", type=row_number)
        found = runs_of_school(session(), school_id(), to_see=to_see, before_id=before_id, limit=RUNS + 1)
        lines = found[:RUNS]
        return self.render(
            "admin/import_history.html",
            lines=lines,
            to_see=to_see,
            waiting=count_to_see(session(), school_id()),
            is_first=before_id is None,
            next_id=lines[-1].run.id if len(found) > RUNS else None,
            sorts=list(Sort),
            moves=MOVES,
            changed_persons=changed_persons,
        )

    @expose("/<int:run_id>/")
    def show(self, run_id: int) -> ResponseReturnValue:
        """One import: what it lost, and the persons of one change, by name."""
        line = _find(run_id)
        tabs = [(sort, change) for sort in Sort for change in PersonChange if line.counts.get((sort, change))]
        chosen = _chosen(tabs)
        after, rows = request.args.get("apres", 0, row_number), page_rows(PAGE)
        found = changes_of_run(session(), line.run, *chosen, after_id=after, limit=rows + 1) if chosen else []
        return self.render(
            "admin/import_run.html",
            line=line,
            tabs=tabs,
            chosen=chosen,
            changes=found[:rows],
            is_first=after == 0,
            next_id=found[rows - 1].id if len(found) > rows else None,
            changed_persons=changed_persons,
            PersonChange=PersonChange,
            Sort=Sort,
        )

    @expose("/<int:run_id>/", methods=("POST",))
    def export(self, run_id: int) -> ResponseReturnValue:
        """Everything that an import did to whom, as a file."""
        _find(run_id)
        school = school_id()
        return download(
            f"mouvements-{run_id}",
            "Arrivées, départs et changements d'un import",
            wanted_format(request.form.get("format")),
            lambda reading: changes_sheet(reading, find_run(reading, school, run_id).run),
        )

    @expose("/<int:run_id>/vu/", methods=("POST",))
    def see(self, run_id: int) -> ResponseReturnValue:
        """« C'est vu »."""
        try:
            note_losses_seen(session(), school_id(), run_id, clock.now(), actor())
        except RunNotFound:
            abort(404)
        session().commit()
        flash("C'est vu : Accueil n'en parle plus.", "success")
        return redirect(url_for("import_history.show", run_id=run_id), 303)


def _find(run_id: int) -> RunLine:
    try:
        return find_run(session(), school_id(), run_id)
    except RunNotFound:
        abort(404)


def _chosen(tabs: list[tuple[Sort, PersonChange]]) -> tuple[Sort, PersonChange] | None:
    wanted = request.args.get("voir", "")
    return next((one for one in tabs if f"{one[0]}-{one[1]}" == wanted), tabs[0] if tabs else None)
