"""« Fiches retenues »: persons whom the school base says not to write to, until staff decide for each."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import school_id
from admin_app.desk import desk, register
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import AnswerForm
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from shared.accounts.directory.hold_decisions import PAGE, FicheNotHeld, decide_hold, find_held, held_fiches
from shared.accounts.ties.powers import Power
from shared.models.holds import HoldAnswer

CHOOSE = "Choisissez une réponse : écrire quand même, ou ne pas écrire."
DONE = {
    HoldAnswer.WRITE: "{name} sera notifié comme les autres.",
    HoldAnswer.DO_NOT_WRITE: "Rien ne sera notifié à {name}.",
}


class HeldPage(Page):
    """The fiches of the guardians, or of the students, that are held back."""

    name = "Fiches retenues"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
        "show": frozenset({Power.SEE_IDENTIFIER, Power.SEE_STATE}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/retenues", area.place("held"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those to decide upon, or those decided upon."""
        return self._page()

    @expose("/<int:fiche_id>/", methods=("POST",))
    def decide(self, fiche_id: int) -> ResponseReturnValue:
        """Write to the person all the same, or not."""
        try:
            find_held(session(), school_id(), self.area.population, fiche_id)
        except FicheNotHeld:
            abort(404)
        try:
            answer = HoldAnswer(AnswerForm().answer.data)
        except ValueError:
            return self._page(CHOOSE), 422
        fiche = decide_hold(desk(), self.area.population, fiche_id, answer)
        flash(DONE[answer].format(name=fiche.full_name), "success")
        decided = "1" if "decidees" in request.form else None
        return redirect(url_for(f"{self.place}.index", decidees=decided), 303)

    def _page(self, problem: str | None = None) -> str:
        decided, after, rows = "decidees" in request.args, request.args.get("apres", ""), page_rows(PAGE)
        found = held_fiches(register(self.area.population), decided=decided, after=after, limit=rows + 1)
        return self.render(
            "admin/held.html",
            area=self.area,
            lines=found[:rows],
            decided=decided,
            problem=problem,
            answers=list(HoldAnswer),
            is_first=not after,
            next_key=found[rows - 1].key if len(found) > rows else None,
        )
