"""« Base élèves → Importer »: upload, look at what would change, confirm, follow (R28, R29)."""

from typing import Literal

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import establishment, school_id
from admin_app.desk import desk
from admin_app.installation import installation, let_go, once_kept, session
from admin_app.page import Page, expose
from admin_app.quotas import UPLOADS, use_own
from admin_app.ui.labels import change_title
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.staff import Tab
from shared.siecle.effects.history import run_of_upload
from shared.siecle.report import ImportRefused, sentences_in
from shared.siecle.uploads.files import remove
from shared.siecle.uploads.requests import (
    UploadedFile,
    UploadNotFound,
    UploadRefused,
    abandon_upload,
    confirm_upload,
    create_upload,
    find_upload,
    list_uploads,
)
from shared.web.headers import row_number
from shared.worker.bells import ring_uploads

PAGE_ROWS = 20
UNDER_WAY = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.IMPORTING)
KINDS = (
    ("students", "Élèves"),
    ("guardians", "Responsables"),
    ("links", "Liens entre élèves et responsables"),
    ("divisions", "Divisions"),
)
SENTENCES_SHOWN = 10
"""Of one kind, on the page of an import."""
SENTENCES_ON_A_PAGE = 100
SORTS = {"errors": "Enregistrements laissés de côté", "warnings": "Remarques"}


class ImportsPage(Page):
    """The imports of the establishment, and the way to ask for one."""

    name, path, place, need = "Importer", "/base/imports", "imports", Tab.IMPORTS
    menu_category = "Base élèves"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The form and the imports so far, newest first."""
        return self._show()

    @expose("/", methods=("POST",))
    def upload(self) -> ResponseReturnValue:
        """Take the files; they are read by the worker, nothing is changed yet."""
        use_own(UPLOADS)
        files = [UploadedFile(file.filename or "", file.stream) for file in request.files.getlist("fichiers")]
        var_dir = installation().settings.var_dir
        try:
            upload = create_upload(desk(), var_dir, files)
        except ImportRefused as refused:
            return self._show(str(refused)), 422
        once_kept(ring_uploads)
        return redirect(url_for("imports.show", upload_id=upload.id), 303)

    @expose("/<int:upload_id>/")
    def show(self, upload_id: int) -> ResponseReturnValue:
        """One import: its progress, what it would change, what it changed."""
        return self._show_one(_find(upload_id))

    @expose("/<int:upload_id>/confirmer", methods=("POST",))
    def confirm(self, upload_id: int) -> ResponseReturnValue:
        """Let it change the school base."""
        _find(upload_id)
        older = request.form.get("plus_ancien") == "oui"
        try:
            confirm_upload(desk(), upload_id, accept_older=older, accept_losses=request.form.get("pertes"))
        except UploadRefused as refused:
            return self._show_one(_find(upload_id), str(refused)), 409
        once_kept(ring_uploads)
        return redirect(url_for("imports.show", upload_id=upload_id), 303)

    @expose("/<int:upload_id>/abandonner", methods=("POST",))
    def abandon(self, upload_id: int) -> ResponseReturnValue:
        """Give it up; the files are removed."""
        _find(upload_id)
        try:
            upload = abandon_upload(desk(), upload_id)
        except UploadRefused as refused:
            return self._show_one(_find(upload_id), str(refused)), 409
        let_go()
        remove(installation().settings.var_dir, upload.folder)
        flash("L'import est abandonné : rien n'a été changé, et les fichiers envoyés sont supprimés.", "success")
        return redirect(url_for("imports.index"), 303)

    @expose("/<int:upload_id>/<any(errors, warnings):sort>/<int:number>/")
    def sentences(self, upload_id: int, sort: Literal["errors", "warnings"], number: int) -> str:
        """Every sentence of one kind, the `number`th of the report."""
        upload = _find(upload_id)
        kinds = sentences_in(upload.report or {}, sort)
        if not 0 < number <= len(kinds):
            abort(404)
        found, after = kinds[number - 1], request.args.get("apres", 0, row_number)
        end = after + SENTENCES_ON_A_PAGE
        return self.render(
            "admin/import_sentences.html",
            upload=upload,
            title=SORTS[sort],
            found=found,
            sentences=found.kept[after:end],
            is_first=after == 0,
            found_at={"upload_id": upload_id, "sort": sort, "number": number},
            next_key=end if end < len(found.kept) else None,
        )

    @expose("/<int:upload_id>/personnes/<int:number>/")
    def persons(self, upload_id: int, number: int) -> str:
        """Whom one change would happen to, the `number`th of the check."""
        upload = _find(upload_id)
        changes = (upload.report or {}).get("changes", [])
        if not 0 < number <= len(changes) or not changes[number - 1]["names"]:
            abort(404)
        found, after = changes[number - 1], request.args.get("apres", 0, row_number)
        end = after + SENTENCES_ON_A_PAGE
        return self.render(
            "admin/import_persons.html",
            upload=upload,
            found=found,
            title=change_title(found),
            names=found["names"][after:end],
            is_first=after == 0,
            found_at={"upload_id": upload_id, "number": number},
            next_key=end if end < len(found["names"]) else None,
        )

    def _show(self, problem: str | None = None) -> str:
        before = request.args.get("avant", None, row_number)
        found = list_uploads(session(), school_id(), before=before, limit=PAGE_ROWS + 1)
        next_key = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
        return self.render(
            "admin/imports.html",
            uploads=found[:PAGE_ROWS],
            is_first=before is None,
            next_key=next_key,
            school=establishment(),
            problem=problem,
        )

    def _show_one(self, upload: SchoolImport, problem: str | None = None) -> str:
        return self.render(
            "admin/import.html",
            upload=upload,
            report=upload.report,
            errors=sentences_in(upload.report or {}, "errors"),
            warnings=sentences_in(upload.report or {}, "warnings"),
            kinds=KINDS,
            run_id=run_of_upload(session(), school_id(), upload.id),
            change_title=change_title,
            under_way=upload.state in UNDER_WAY,
            shown=SENTENCES_SHOWN,
            ImportState=ImportState,
            problem=problem,
        )


def _find(upload_id: int) -> SchoolImport:
    try:
        return find_upload(session(), school_id(), upload_id)
    except UploadNotFound:
        abort(404)
