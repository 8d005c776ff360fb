"""« Académie → Tableau de bord »: how far every establishment is, as it was last counted (R26)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flask import url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, or_

from admin_app.access import Need
from admin_app.installation import session
from admin_app.tables.filters import Tick
from admin_app.tables.view import TableView
from admin_app.templating import day
from admin_app.ui.labels import number
from shared.accounts.ties.powers import Power
from shared.models.academy import SchoolFigures
from shared.overview.figures import NEVER, UNCOUNTED_SHOWN, last_academy_figures, not_counted_yet
from shared.rows.folded import says
from shared.rows.sorted_paging import SortKey

COUNTS = ("accounts", "notified", "active", "duplicates", "failures")
TO_SEE = ("duplicates", "failures")
"""Those that somebody should do something about."""


def _count(_view: object, _context: object, figures: SchoolFigures, name: str) -> str:
    value: int = getattr(figures, name)
    return Markup("<strong>{}</strong>").format(number(value)) if value and name in TO_SEE else number(value)


def _school(_view: object, context: Mapping[str, Any], figures: SchoolFigures, _name: str) -> str:
    """The name and the UAI; and when it was counted, where that is not when the others were."""
    address = url_for("academy_schools.show", school=figures.establishment_id)
    together = context["together"]
    is_older = together is not None and figures.day != together.day
    return Markup('<a href="{}">{}</a><br><small>{}</small>').format(
        address, figures.name, f"{figures.uai}, compté le {day(figures.day)}" if is_older else figures.uai
    )


def _imported(_view: object, _context: object, figures: SchoolFigures, _name: str) -> str:
    return "jamais" if figures.imported_at == NEVER else day(figures.imported_at)


class FiguresPage(TableView):
    """Every establishment, one line each; no name of anybody."""

    name, path, place, need = "Tableau de bord", "/academie/tableau-de-bord", "academy_figures", Need.ACADEMY
    menu_category = "Académie"
    heading, file_name = "Tableau de bord de l'académie", "tableau-de-bord"
    list_template = "admin/academy_figures.html"
    empty = "Rien n'est encore compté : ce le sera la nuit prochaine."
    nothing_found = "Aucun établissement ne correspond"
    model = SchoolFigures
    column_list = ("name", "imported_at", "accounts", "notified", "active", "rate", "duplicates", "failures")
    column_labels: ClassVar = {
        "uai": "UAI",
        "name": "Établissement",
        "imported_at": "Importé le",
        "accounts": "Comptes",
        "notified": "Notifiés",
        "active": "Utilisés",
        "rate": "Taux",
        "duplicates": "Doublons",
        "failures": "Échecs",
        "counted_at": "Compté le",
    }
    column_sortable_list = column_list
    column_searchable_list = (SchoolFigures.uai, SchoolFigures.name)
    column_filters: ClassVar = [
        Tick("sans_import", "Sans import", lambda: SchoolFigures.imported_at <= NEVER),
        Tick("doublons", "Des doublons à traiter", lambda: SchoolFigures.duplicates > 0),
        Tick("echecs", "Des échecs", lambda: SchoolFigures.failures > 0),
    ]
    column_formatters: ClassVar = {
        "name": _school,
        "imported_at": _imported,
        "rate": lambda view, context, figures, name: f"{figures.rate}\u00a0%",
        **dict.fromkeys(COUNTS, _count),
    }
    column_export_list = ("uai", *column_list, "counted_at")
    column_formatters_export: ClassVar = {
        "imported_at": lambda view, context, figures, name: (
            None if figures.imported_at == NEVER else figures.imported_at
        ),
    }
    number_columns = (*COUNTS, "rate")
    table_class = "in-lines"
    column_display_actions = True

    powers: ClassVar = {"index": frozenset({Power.COUNT}), "export": frozenset({Power.COUNT})}

    def rows(self) -> Select[Any]:
        """The last figures of each establishment."""
        return super().rows().where(SchoolFigures.is_latest)

    def usual_order(self) -> Sequence[SortKey]:
        """By UAI."""
        return (SortKey(SchoolFigures.uai),)

    def found_by(self, text: str) -> ColumnElement[bool]:
        """By the first signs of the UAI, or by some letters of the name."""
        by_uai = SchoolFigures.uai.startswith(text.upper(), autoescape=True)
        return or_(by_uai, says(SchoolFigures.name, text))

    def beside(self, rows: Sequence[SchoolFigures]) -> dict[str, Any]:
        """All together, when that was counted, and the establishments that were made since."""
        newer = not_counted_yet(session())
        return {
            "together": last_academy_figures(session()),
            "not_counted": newer,
            "are_more_not_counted": len(newer) == UNCOUNTED_SHOWN,
        }
