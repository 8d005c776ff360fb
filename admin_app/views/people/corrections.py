"""« Fiches à corriger »: names with a comment, addresses that lack or that letters came back from (R2, R15)."""

from dataclasses import replace
from typing import ClassVar

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.desk import register
from admin_app.page import Page, expose
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.populations import OF_GUARDIANS, Area
from admin_app.ui.print_mode import page_rows
from shared.accounts.directory.corrections import PAGE, Correction, fiches_to_correct
from shared.accounts.ties.powers import Power
from shared.exports.returned import returned_sheet

TABS = {"noms": Correction.NAME, "courriels": Correction.EMAIL, "courriers": Correction.RETURNED}
"""By their name in the address."""


class CorrectionsPage(Page):
    """The fiches of the guardians, or of the students, to be corrected in the school base."""

    name = "Fiches à corriger"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "export": frozenset({Power.EXPORT}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/fiches", area.place("corrections"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those with one thing to correct, by name."""
        wanted = request.args.get("voir", "noms")
        wanted = wanted if wanted in TABS else "noms"
        correction = TABS[wanted]
        after, rows = request.args.get("apres", ""), page_rows(PAGE)
        found = fiches_to_correct(register(self.area.population), correction, after=after, limit=rows + 1)
        return self.render(
            "admin/corrections.html",
            area=self.area,
            lines=found[:rows],
            about_names=correction is Correction.NAME,
            about_letters=correction is Correction.RETURNED,
            tabs=[code for code in TABS if self.area is OF_GUARDIANS or TABS[code] is not Correction.EMAIL],
            wanted=wanted,
            is_first=not after,
            next_key=found[rows - 1].key if len(found) > rows else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """The addresses that letters came back from, as a file for whoever corrects the base."""
        here = register(self.area.population)
        return download(
            f"courriers-revenus-{self.area.code}",
            f"Courriers revenus ({self.area.many})",
            wanted_format(request.form.get("format")),
            lambda reading: returned_sheet(replace(here, session=reading)),
        )
