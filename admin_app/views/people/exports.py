"""« Exporter »: accounts, fiches and notifications as files for a spreadsheet or for the ENT."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_app.access import school_id
from admin_app.desk import register
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.populations import OF_GUARDIANS, Area
from admin_app.views.people.accounts import filters_in_address, read_filters
from shared.accounts.state_policy import COUNTED
from shared.accounts.ties.powers import Power
from shared.establishments.divisions import division_codes
from shared.exports.accounts import accounts_sheet, ent_sheet
from shared.exports.guardians import guardians_sheet
from shared.exports.notifications import notifications_sheet
from shared.spreadsheets import Sheet

SHOWN = ("etat", "division")
"""Filters that can be changed on the page; the others came with the list that was looked at."""


@dataclass(frozen=True)
class Export:
    """One file to choose."""

    code: str
    """Its name in the form and in the file."""
    label: str
    explanation: str
    make: Callable[[Session], Sheet]
    is_filtered: bool = False
    """Whether it holds only the accounts chosen by state and division."""


class ExportsPage(Page):
    """The files about the guardians, or about the students, of the establishment."""

    name = "Exporter"

    powers: ClassVar = {
        "export": frozenset({Power.EXPORT}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/exports", area.place("exports"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The files to choose from."""
        return self.render(
            "admin/exports.html",
            area=self.area,
            exports=self._exports(),
            filters=read_filters(),
            hidden={name: value for name, value in filters_in_address(read_filters()).items() if name not in SHOWN},
            states=COUNTED,
            divisions=division_codes(session(), school_id()),
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """The file that was chosen."""
        chosen = next((one for one in self._exports() if one.code == request.form.get("fichier")), None)
        if chosen is None:
            abort(404)
        title = f"{chosen.label} ({self.area.many})"
        return download(
            f"{chosen.code}-{self.area.code}", title, wanted_format(request.form.get("format")), chosen.make
        )

    def _exports(self) -> Sequence[Export]:
        here, filters = register(self.area.population), read_filters()
        school, kind = here.establishment_id, here.population.kind
        guardians = Export(
            "fiches",
            "Fiches",
            "Tous les responsables de la base élèves, avec ou sans compte : coordonnées, élèves, noms à corriger.",
            lambda reading: guardians_sheet(reading, school, here.today),
        )
        return [
            Export(
                "comptes",
                "Comptes",
                "Identifiant, état, élèves, courriels et dates de chaque compte.",
                lambda reading: accounts_sheet(replace(here, session=reading), filters),
                is_filtered=True,
            ),
            Export(
                "ent",
                "Comptes pour l'ENT",
                "Les colonnes que demandent les logiciels d'ENT : identifiant, civilité, nom, prénom, élèves avec leur "
                "division, courriel, état.",
                lambda reading: ent_sheet(replace(here, session=reading), filters),
                is_filtered=True,
            ),
            *([guardians] if self.area is OF_GUARDIANS else []),
            Export(
                "notifications",
                "Notifications",
                "Chaque courriel et chaque courrier : à qui, quand, et ce qu'il est devenu.",
                lambda reading: notifications_sheet(reading, school, kind),
            ),
        ]
