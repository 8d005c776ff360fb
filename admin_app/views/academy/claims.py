"""« Académie → Rattachements »: whose accounts the files of each establishment claim, and what became of it (R4)."""

from datetime import timedelta
from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.desk import act
from admin_app.installation import session
from admin_app.page import Page, expose
from admin_app.ui.forms.of_pages import AnswerForm
from admin_app.ui.pair_keys import FIRST_PAGE, pair_key
from admin_app.ui.print_mode import page_rows
from shared import clock
from shared.accounts.ties.asking import TieTooWeak, require
from shared.accounts.ties.overseeing import PAGE, Claim, Key, claims_by_school, claims_of_school, waiting_claim
from shared.accounts.ties.powers import Power, Role
from shared.accounts.ties.settling import TieSettled, confirm_tie, refuse_tie
from shared.establishments.identity import find_establishment
from shared.models.access.ties import ConfirmedBy, TieState
from shared.web.headers import row_number

PERIODS = {7: "7 jours", 30: "30 jours", 365: "12 mois"}
USUAL_PERIOD = 30
STATES = {"en-attente": TieState.PROPOSED, "refuses": TieState.REFUSED}
CHOOSE = "Choisissez une réponse : confirmer, ou refuser."
SETTLED = "Ce rattachement a déjà sa réponse : rien n'a été changé."
DONE = {
    "confirmer": "Le rattachement est confirmé : {school} tient maintenant le compte.",
    "refuser": "Le rattachement est refusé : {school} ne verra rien de ce compte.",
}


class ClaimsPage(Page):
    """Counts for each establishment, its claims, and the answer that the académie gives where the family cannot."""

    name, path, place = "Rattachements", "/academie/rattachements", "claims"
    need = Need.ACADEMY
    menu_category = "Académie"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_EVERY_TIE}),
        "show": frozenset({Power.SEE_EVERY_TIE}),
        "ask": frozenset({Power.SEE_EVERY_TIE, Power.CONFIRM, Power.REFUSE}),
        "answer": frozenset({Power.CONFIRM, Power.REFUSE}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What each establishment claimed in a period, those first whose claims nobody bore out."""
        period, after, rows = _period(), _key(request.args.get("apres", "")), page_rows(PAGE)
        since = clock.now() - timedelta(days=period)
        found = claims_by_school(session(), since, after=after, limit=rows + 1)
        shown = found[:rows]
        return self.render(
            "admin/claims.html",
            found=shown,
            period=period,
            periods=PERIODS,
            is_first=after is None,
            next_key="-".join(map(str, shown[-1].key)) if len(found) > rows else None,
        )

    @expose("/<int:school>/")
    def show(self, school: int) -> ResponseReturnValue:
        """The claims of one establishment that wait, or that were refused."""
        establishment = find_establishment(session(), school) or abort(404)
        asked = request.args.get("etat", "")
        state = STATES.get(asked, TieState.PROPOSED)
        after, rows = request.args.get("apres", 0, row_number) or 0, page_rows(PAGE)
        found = claims_of_school(session(), school, state, after=after, limit=rows + 1)
        return self.render(
            "admin/claims_school.html",
            one=establishment,
            found=found[:rows],
            state=state,
            asked=next(name for name, value in STATES.items() if value is state),
            states=STATES,
            is_first=not after,
            next_key=found[rows - 1].tie.id if len(found) > rows else None,
        )

    @expose("/<int:school>/<int:tie_id>/")
    def ask(self, school: int, tie_id: int) -> ResponseReturnValue:
        """What both answers do, before one is given."""
        return self._ask(self._find(school, tie_id, Power.CONFIRM))

    @expose("/<int:school>/<int:tie_id>/", methods=("POST",))
    def answer(self, school: int, tie_id: int) -> ResponseReturnValue:
        """Confirm the tie, or refuse it."""
        answer = AnswerForm().answer.data
        claim = self._find(school, tie_id, Power.REFUSE if answer == "refuser" else Power.CONFIRM)
        if answer not in DONE:
            return self._ask(claim, CHOOSE), 422
        establishment = find_establishment(session(), school) or abort(404)
        try:
            if answer == "confirmer":
                confirm_tie(act(), tie_id, ConfirmedBy.ACADEMY)
            else:
                refuse_tie(act(), tie_id)
        except TieSettled:
            session().rollback()
            flash(SETTLED, "error")
            return redirect(url_for("claims.show", school=school), 303)
        flash(DONE[answer].format(school=establishment.name), "success")
        return redirect(url_for("claims.show", school=school), 303)

    def _find(self, school: int, tie_id: int, power: Power) -> Claim:
        try:
            claim = waiting_claim(session(), tie_id)
            require(session(), power, claim.account.id, school, Role.ACADEMY)
        except (TieSettled, TieTooWeak):
            abort(404)
        if claim.tie.establishment_id != school:
            abort(404)
        return claim

    def _ask(self, claim: Claim, problem: str | None = None) -> str:
        establishment = find_establishment(session(), claim.tie.establishment_id)
        return self.render("admin/claim.html", claim=claim, one=establishment, problem=problem)


def _period() -> int:
    asked = request.args.get("periode", USUAL_PERIOD, row_number)
    return asked if asked in PERIODS else USUAL_PERIOD


def _key(text: str) -> Key | None:
    key = pair_key(text)
    return None if key == FIRST_PAGE else key
