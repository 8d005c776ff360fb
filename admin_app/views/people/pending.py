"""« En attente de la famille »: who has an account elsewhere, the families that said no, and the reminder (R4)."""

from typing import ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import acts_as, establishment, school_id
from admin_app.desk import desk, register
from admin_app.installation import once_kept, session, today
from admin_app.offering import offer
from admin_app.page import Page, expose
from admin_app.ui.confirmation_key import new_key, sent_key
from admin_app.ui.labels import count
from admin_app.ui.populations import Area
from admin_app.ui.print_mode import page_rows
from admin_app.views.notifying.choice import offered_modes
from shared.accounts.directory.waiting_ties import (
    PAGE,
    count_refused_unseen,
    count_that_wait,
    fiches_that_wait,
    note_refusals_seen,
    refused_unseen,
)
from shared.accounts.ties.powers import Power, allows
from shared.establishments.letterhead import letterhead_warning
from shared.models.access.ties import TieState
from shared.models.notifications import Mode
from shared.notifications.campaigns.planning import Plan
from shared.notifications.campaigns.reminding import launch_reminders, plan_reminders
from shared.notifications.channels.registry import ROUTES
from shared.web.headers import row_number
from shared.worker.bells import ring_campaign

NOBODY = "Plus personne n'attend de réponse : il n'y a personne à qui le rappeler."
NOTHING_LEAVES = "Rien ne peut partir, pour les raisons ci-dessous."


class PendingPage(Page):
    """The fiches of an area that wait for an answer, and those that were answered no."""

    name = "En attente de la famille"

    powers: ClassVar = {
        "index": frozenset({Power.SEE_PROPOSAL}),
        "refused": frozenset({Power.SEE_PROPOSAL}),
        "see": frozenset({Power.SEE_PROPOSAL}),
        "ask": frozenset({Power.REMIND}),
        "remind": frozenset({Power.REMIND}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/en-attente", area.place("pending"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Those that wait, by name."""
        after, rows = request.args.get("apres", ""), page_rows(PAGE)
        found = fiches_that_wait(register(self.area.population), after=after, limit=rows + 1)
        return self.render(
            "admin/pending.html",
            area=self.area,
            lines=found[:rows],
            total=count_that_wait(session(), school_id(), self.area.population, today()),
            refused=count_refused_unseen(session(), school_id(), self.area.population),
            is_first=not after,
            next_key=found[rows - 1].key if len(found) > rows else None,
        )

    @expose("/refus/")
    def refused(self) -> ResponseReturnValue:
        """The families that said no, which nobody has looked at."""
        after, rows = request.args.get("apres", 0, row_number) or 0, page_rows(PAGE)
        found = refused_unseen(session(), school_id(), self.area.population, after=after, limit=rows + 1)
        return self.render(
            "admin/pending_refused.html",
            area=self.area,
            lines=found[:rows],
            is_first=not after,
            next_key=found[rows - 1].tie.id if len(found) > rows else None,
        )

    @expose("/refus/", methods=("POST",))
    def see(self) -> ResponseReturnValue:
        """They were looked at: « Accueil » counts them no more."""
        last = request.form.get("jusqu_a", 0, row_number) or 0
        seen = note_refusals_seen(desk(), self.area.population, last)
        flash(f"{count(seen, 'refus vu', 'refus vus')}.", "success")
        return redirect(url_for(f"{self.place}.refused"), 303)

    @expose("/rappel/")
    def ask(self) -> ResponseReturnValue:
        """What reminding would do, before it is done."""
        return self._ask(request.args.get("fiche", None, row_number), self._mode(request.args.get("mode")))

    @expose("/rappel/", methods=("POST",))
    def remind(self) -> ResponseReturnValue:
        """Write the reminders that were confirmed; the worker sends them."""
        if not allows(Power.REMIND, TieState.PROPOSED, acts_as()):
            abort(404)
        fiche_id, mode = request.form.get("fiche", None, row_number), self._mode(request.form.get("mode"))
        planned = self._plan(fiche_id, mode)
        if fiche_id is not None and (not planned.selected or planned.skipped):
            return self._ask(fiche_id, mode)
        campaign = launch_reminders(
            desk(), self.area.population, mode, request_key=sent_key(), fiche_id=fiche_id, offer=offer()
        )
        once_kept(ring_campaign)
        return redirect(url_for(f"{self.area.place('campaigns')}.show", campaign_id=campaign.id), 303)

    def _plan(self, fiche_id: int | None, mode: Mode) -> Plan:
        return plan_reminders(desk(), self.area.population, mode, fiche_id=fiche_id, offer=offer())

    def _mode(self, text: str | None) -> Mode:
        """What was chosen; what makes no sense here is passed over."""
        return next((mode for mode in offered_modes(self.area) if mode.value == text), Mode.BOTH)

    def _ask(self, fiche_id: int | None, mode: Mode) -> ResponseReturnValue:
        planned = self._plan(fiche_id, mode)
        if fiche_id is not None and not planned.selected:
            abort(404)
        problem = NOBODY if not planned.selected else None
        if planned.selected and not planned.leaving:
            problem = NOTHING_LEAVES
        page = self.render(
            "admin/pending_remind.html",
            area=self.area,
            plan=planned,
            fiche_id=fiche_id,
            mode=mode,
            modes=offered_modes(self.area),
            channels=ROUTES[mode].channels,
            problem=problem,
            letterhead=letterhead_warning(establishment()),
            request_key=new_key(),
        )
        return (page, 422) if request.method == "POST" else page
