"""« Statistiques »: counts and charts, and every table as a file (R26)."""

from typing import ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.statistics.charts import chart_of
from admin_app.statistics.tables import Counting, every_figures
from admin_app.ui.downloads import download, wanted_format
from admin_app.ui.populations import AREAS, OF_GUARDIANS, Area
from admin_app.visitors import own_visit
from shared.accounts.ties.powers import Power
from shared.models.staff import Tab
from shared.overview.figures import Comparison, compare
from shared.staff.access import schools_held


class StatisticsPage(Page):
    """The figures of the establishment: counts only, no names."""

    name, path, place, need = "Statistiques", "/statistiques", "statistics", Tab.STATISTICS

    powers: ClassVar = {
        "index": frozenset({Power.COUNT}),
        "export": frozenset({Power.COUNT}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The tables about guardians, or about students, each with its chart."""
        area = _wanted_area()
        return self.render(
            "admin/statistics.html",
            area=area,
            areas=AREAS,
            all_figures=every_figures(_counting(area)),
            chart_of=chart_of,
            # Only the accounts of guardians are counted day by day.
            comparison=_comparison() if area is OF_GUARDIANS else None,
        )

    @expose("/", methods=("POST",))
    def export(self) -> ResponseReturnValue:
        """One table as a file."""
        area, code = _wanted_area(), request.form.get("tableau")
        figures = next((one for one in every_figures(_counting(area)) if one.code == code), None)
        if figures is None:
            abort(404)
        title = f"Statistiques des {area.many} : {figures.title}"
        name = f"statistiques-{area.code}-{figures.code}"
        return download(name, title, wanted_format(request.form.get("format")), lambda _session: figures.sheet())


def _comparison() -> Comparison | None:
    return compare(session(), school_id(), schools_held(own_visit()))


def _wanted_area() -> Area:
    return next((area for area in AREAS if area.code == request.values.get("de")), OF_GUARDIANS)


def _counting(area: Area) -> Counting:
    return Counting(session(), school_id(), area, today(), installation().settings.time_zone)
