"""« Base élèves → Arrivées et départs »: what each import did to whom, and what it lost (R26, R32)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import expose
from admin_app.tables.filters import Day, Matching, Tick
from admin_app.tables.view import TableView
from admin_app.templating import instant
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.labels import changed_persons
from admin_app.ui.print_mode import page_rows
from shared.exports.import_changes import changes_sheet
from shared.models.imports.changes import ImportRun, PersonChange
from shared.models.staff import Tab
from shared.rows.folded import says
from shared.rows.sorted_paging import SortKey
from shared.siecle.effects.history import (
    PAGE,
    Counts,
    RunLine,
    RunNotFound,
    are_to_see,
    changes_of_run,
    count_to_see,
    counts_of_runs,
    find_run,
    note_losses_seen,
)
from shared.siecle.losses import Sort
from shared.web.headers import row_number

MOVES = (PersonChange.ARRIVED, PersonChange.LEFT, PersonChange.MOVED)
"""Shown in the list of imports."""


class ImportHistoryPage(TableView):
    """The imports that were done, each with whom it changed."""

    name, path, place, need = "Arrivées et départs", "/base/mouvements", "import_history", Tab.IMPORTS
    menu_category = "Base élèves"
    heading, file_name, list_template = "Arrivées et départs", "imports", "admin/import_history.html"
    empty, nothing_found = "Aucun import n'a encore été fait.", "Aucun import ne correspond"
    page_size = 20
    model, owner = ImportRun, "establishment_id"
    column_list = ("imported_at", "imported_by", "file_names", "changes")
    column_labels: ClassVar = {
        "imported_at": "Fait le",
        "imported_by": "Par",
        "file_names": "Fichiers",
        "changes": "Qui change",
        "loses": "A fait perdre ce qui était connu",
        "seen_at": "Pertes vues le",
        "seen_by": "Pertes vues par",
    }
    column_sortable_list: ClassVar = [("imported_at", ImportRun.id), "imported_by"]
    column_filters: ClassVar = [
        Matching("par", "Par", lambda text: says(ImportRun.imported_by, text)),
        Day("du", "Du", ImportRun.imported_at),
        Day("au", "Au", ImportRun.imported_at, is_last=True),
        Tick("a_voir", "Pertes à regarder", are_to_see),
    ]
    column_formatters: ClassVar = {
        "imported_at": lambda view, context, run, name: _done(run),
        "file_names": lambda view, context, run, name: ", ".join(run.file_names),
        "changes": lambda view, context, run, name: _who_changed(run, context["counts"].get(run.id, {})),
    }
    column_export_list = ("imported_at", "imported_by", "file_names", "loses", "seen_at", "seen_by")
    column_formatters_export: ClassVar = {"file_names": column_formatters["file_names"]}

    def usual_order(self) -> Sequence[SortKey]:
        """Newest first."""
        return (SortKey(ImportRun.id, descending=True),)

    def beside(self, rows: Sequence[ImportRun]) -> dict[str, Any]:
        """How many persons each change happened to, and how many imports are still to be looked at."""
        return {
            "counts": counts_of_runs(session(), [run.id for run in rows]),
            "waiting": count_to_see(session(), school_id()),
            "to_see": "a_voir" in request.args,
        }

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
    def export_changes(self, run_id: int) -> ResponseReturnValue:
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
        """« C'est vu »: « Accueil » speaks of the losses of this import no more."""
        try:
            note_losses_seen(desk(), run_id)
        except RunNotFound:
            abort(404)
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


def _done(run: ImportRun) -> Markup:
    address = url_for("import_history.show", run_id=run.id)
    done = Markup('<a href="{}">{}</a>').format(address, instant(run.imported_at))
    if not run.loses:
        return done
    look, words = ("quiet", "Pertes vues") if run.seen_at else ("warn", "Pertes à regarder")
    return done + Markup('<br><span class="{}">{}</span>').format(look, words)


def _who_changed(run: ImportRun, counts: Counts) -> str:
    links = [
        Markup('<a href="{}">{}</a>').format(
            url_for("import_history.show", run_id=run.id, voir=f"{sort}-{change}"),
            changed_persons(sort, change, counts[sort, change]),
        )
        for sort in Sort
        for change in MOVES
        if counts.get((sort, change))
    ]
    return Markup(", ").join(links) or "personne"
