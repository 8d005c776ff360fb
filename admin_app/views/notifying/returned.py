"""« Courriers revenus »: envelopes that came back, scanned one after the other (R27, R28, R36).

The answer to a scan is the page itself, with and without script: a script only puts what is new in the page in place,
sounds, and keeps the field ready (`static/returned.js`).
"""

from typing import ClassVar

from flask import Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.populations import Area
from shared.accounts.ties.powers import Power
from shared.notifications.returned.scanning import (
    CannotReturn,
    LetterNotFound,
    ReturnedLetter,
    Scanned,
    last_returned,
    note_returned,
    take_back,
)

CAMERA = "camera=(self), geolocation=(), microphone=()"
"""This page alone may ask for the camera."""


class ReturnedLettersPage(Page):
    """The letters of the guardians, or of the students, whose envelope came back."""

    name = "Courriers revenus"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_HISTORY}),
        "scan": frozenset({Power.SEE_HISTORY}),
        "take_back": frozenset({Power.SEE_HISTORY}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/courriers-revenus", area.place("returned"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The field to scan into, and what was scanned last."""
        return self._page()

    @expose("/", methods=("POST",))
    def scan(self) -> ResponseReturnValue:
        """Note one envelope."""
        try:
            return self._page(scanned=note_returned(desk(), self.area.population, request.form.get("reference", "")))
        except CannotReturn as refused:
            return self._page(problem=str(refused)), 422

    @expose("/<int:notification_id>/retablir", methods=("POST",))
    def take_back(self, notification_id: int) -> ResponseReturnValue:
        """Undo a scan."""
        try:
            return self._page(undone=take_back(desk(), self.area.population, notification_id))
        except LetterNotFound:
            abort(404)
        except CannotReturn as refused:
            return self._page(problem=str(refused)), 422

    def _page(
        self, scanned: Scanned | None = None, undone: ReturnedLetter | None = None, problem: str | None = None
    ) -> Response:
        response = make_response(
            self.render(
                "admin/returned.html",
                area=self.area,
                scanned=scanned,
                undone=undone,
                problem=problem,
                letters=last_returned(session(), school_id(), self.area.population),
            )
        )
        response.headers["Permissions-Policy"] = CAMERA
        return response
