"""« Élèves sans responsable »: students present without a legal guardian, for whom nobody gets an account (R32)."""

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import session, today
from admin_app.page import Page, expose
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.print_mode import page_rows
from shared.exports.unaccompanied import unaccompanied_sheet
from shared.models.staff import Tab
from shared.siecle.effects.unaccompanied import PAGE, students_without_legal_guardian


class UnaccompaniedPage(Page):
    """The students, by name, and the persons linked to them otherwise."""

    name, path, place, need = (
        "Élèves sans responsable légal",
        "/responsables/eleves-sans-responsable",
        "unaccompanied",
        Tab.GUARDIANS,
    )
    menu_category = "Accès des responsables"

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Students present without a legal guardian, by name, by pages."""
        after, rows = request.args.get("apres", ""), page_rows(PAGE)
        found = students_without_legal_guardian(session(), school_id(), today(), after=after, limit=rows + 1)
        return self.render(
            "admin/unaccompanied.html",
            lines=found[:rows],
            is_first=not after,
            next_key=found[rows - 1].key if len(found) > rows else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """All of them as a file."""
        school, day = school_id(), today()
        return download(
            "eleves-sans-responsable",
            "Élèves sans responsable légal",
            wanted_format(request.form.get("format")),
            lambda reading: unaccompanied_sheet(reading, school, day),
        )
