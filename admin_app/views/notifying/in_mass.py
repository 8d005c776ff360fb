"""« Notifier en masse »: criteria, list, confirmation, launch (R15, R16).

The choice travels in the address until it is confirmed: going back, reloading and sharing all work, and nothing is
kept of what was not confirmed.
"""

from collections.abc import Sequence
from typing import ClassVar, TypedDict

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from admin_app.access import establishment, school_id
from admin_app.desk import desk, register
from admin_app.installation import installation, once_kept, session, today
from admin_app.offering import offer
from admin_app.page import Page, expose
from admin_app.ui.confirmation_key import new_key, sent_key
from admin_app.ui.labels import number
from admin_app.ui.populations import OF_GUARDIANS, Area
from admin_app.ui.print_mode import page_rows
from admin_app.views.notifying.address_fields import write_key, write_numbers
from admin_app.views.notifying.choice import (
    IN_STEPS,
    MOST_UNTICKED,
    Choice,
    as_query,
    empty_division_words,
    offered_modes,
    read_choice,
    shown_steps,
    summary_of,
)
from shared.accounts.directory.waiting_ties import count_that_wait, fiches_that_wait
from shared.accounts.populations import has_accounts
from shared.accounts.state_policy import NOTIFIABLE
from shared.accounts.ties.powers import Power
from shared.establishments.divisions import empty_divisions
from shared.establishments.letterhead import letterhead_warning
from shared.notifications.campaigns.account_list import PAGE_ROWS, Place, page_to_notify
from shared.notifications.campaigns.by_division import LevelCount, count_selection
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.planning import plan
from shared.notifications.campaigns.selection import (
    Criteria,
    UnknownDivision,
    require_divisions,
)
from shared.notifications.channels.registry import CHANNELS, ModeNotOffered
from shared.notifications.staged.planning import plan_steps
from shared.notifications.staged.starting import start
from shared.notifications.staged.steps import MOST_DAYS, USUAL_DAYS, StepsRefused
from shared.worker.bells import ring_campaign

WAITING_SHOWN = 20
"""Of the persons who have an account elsewhere: their own page lists them all."""
TOO_MANY_UNTICKED = (
    f"Vous avez décoché plus de {MOST_UNTICKED} lignes : choisissez plutôt des critères plus étroits, "
    "comme une division."
)
NOBODY = "Aucun compte n'est sélectionné : changez les critères, ou cochez au moins une ligne."
NOTHING_LEAVES = "Rien ne peut partir : tous les comptes choisis sont laissés de côté, pour les raisons ci-dessous."


class Counts(TypedDict):
    """What the page counts while staff choose."""

    levels: Sequence[LevelCount]
    total: int
    held: int
    summary: str


class NotifyingPage(Page):
    """Letters and mails for many accounts at once."""

    name = "Notifier en masse"

    powers: ClassVar = {
        "index": frozenset(
            {Power.FIND, Power.NOTIFY, Power.SEE_IDENTIFIER, Power.SEE_EMAIL, Power.SEE_STATE, Power.SEE_PROPOSAL}
        ),
        "number": frozenset({Power.COUNT}),
        "launch": frozenset({Power.NOTIFY}),
    }

    def __init__(self, area: Area) -> None:
        self.area = area
        self.path, self.place, self.need = f"{area.path}/notifier", area.place("notifying"), area.tab
        self.menu_category = area.category
        super().__init__()

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The criteria; once they are chosen, the list; once it is looked through, what will happen."""
        choice = read_choice(request.args, self.area)
        try:
            if len(choice.unticked) > MOST_UNTICKED:
                return self._show(choice, TOO_MANY_UNTICKED), 422
            return self._confirm(choice) if choice.is_made else self._show(choice)
        except (UnknownDivision, ModeNotOffered) as refused:
            return self._show(read_choice(MultiDict(), self.area), str(refused)), 422
        except StepsRefused as refused:
            return self._show(choice, str(refused)), 422

    @expose("/compter")
    def number(self) -> ResponseReturnValue:
        """What the criteria select, as they are ticked: the page shows it at once."""
        choice = read_choice(request.args, self.area)
        try:
            counts = self._counts(choice)
        except UnknownDivision:
            return jsonify({}), 422
        levels = counts["levels"]
        return jsonify(
            summary=counts["summary"],
            divisions={one.code: number(one.number) for level in levels for one in level.divisions},
            levels={level.level.value: number(level.number) for level in levels},
        )

    @expose("/", methods=("POST",))
    def launch(self) -> ResponseReturnValue:
        """Write what is to leave; the worker does the rest."""
        choice = read_choice(request.form, self.area)
        wanted = choice.criteria(installation().settings.time_zone)
        try:
            launched = self._launch(choice, wanted)
        except (UnknownDivision, ModeNotOffered, StepsRefused) as refused:
            return self._show(read_choice(MultiDict(), self.area), str(refused)), 422
        once_kept(ring_campaign)
        return redirect(launched, 303)

    def _launch(self, choice: Choice, wanted: Criteria) -> str:
        """The page of what was launched."""
        if choice.steps is not None:
            staged = start(desk(), wanted, choice.steps, request_key=sent_key(), offer=offer())
            return url_for(f"{self.area.place('staged')}.show", staged_id=staged.id)
        campaign = launch(desk(), wanted, choice.mode, request_key=sent_key(), offer=offer())
        return url_for(f"{self.area.place('campaigns')}.show", campaign_id=campaign.id)

    def _show(self, choice: Choice, problem: str | None = None) -> str:
        counts = self._counts(choice)
        return self.render(
            "admin/notifying.html",
            area=self.area,
            choice=choice,
            others=as_query([field for field in choice.fields if field[0] not in {"vu", "division"}]),
            ranks=(1, 2) if self.area is OF_GUARDIANS else (),
            states=NOTIFIABLE,
            modes=offered_modes(self.area),
            in_steps=IN_STEPS,
            steps=offer().channels_for(self.area.population.kind),
            shown_steps=shown_steps(choice),
            usual_days=USUAL_DAYS,
            most_days=MOST_DAYS,
            names_recipients=any(one.names_recipients for one in choice.channels),
            write_key=write_key,
            write_numbers=write_numbers,
            **counts,
            problem=problem,
            nobody_yet=not counts["total"] and not has_accounts(session(), self.area.population, school_id()),
            **(self._list(choice) if choice.is_shown and not problem else {}),
        )

    def _counts(self, choice: Choice) -> Counts:
        """How many each division and each level would notify, and all that is chosen together."""
        everybody = choice.everybody(installation().settings.time_zone)
        require_divisions(session(), school_id(), everybody)
        counts = count_selection(session(), school_id(), everybody, today())
        summary = summary_of(choice, counts.total)
        return {"levels": counts.levels, "total": counts.total, "held": counts.held, "summary": summary}

    def _list(self, choice: Choice) -> dict[str, object]:
        everybody = choice.everybody(installation().settings.time_zone)
        place = Place(choice.after, choice.before)
        listed = page_to_notify(session(), school_id(), everybody, today(), place, rows=page_rows(PAGE_ROWS))
        waiting = fiches_that_wait(register(self.area.population), limit=WAITING_SHOWN)
        return {
            "listed": listed,
            "waiting": waiting,
            "all_waiting": count_that_wait(session(), school_id(), self.area.population, today()) if waiting else 0,
        }

    def _confirm(self, choice: Choice) -> ResponseReturnValue:
        wanted = choice.criteria(installation().settings.time_zone)
        empty = empty_division_words(empty_divisions(session(), school_id(), choice.divisions, today()))
        staged = plan_steps(desk(), wanted, choice.steps, offer()) if choice.steps else None
        planned = staged.first if staged else plan(session(), school_id(), wanted, choice.mode, today(), offer())
        if not planned.selected:
            return self._show(choice, f"{empty} {NOBODY}" if empty else NOBODY), 422
        leaves = planned.leaving or (staged and any(one.number for one in staged.later))
        return self.render(
            "admin/notifying_confirm.html",
            area=self.area,
            choice=choice,
            plan=planned,
            staged=staged,
            channel_types=CHANNELS,
            letterhead=letterhead_warning(establishment()),
            channels=choice.channels[:1] if staged else choice.channels,
            empty=empty,
            problem=None if leaves else NOTHING_LEAVES,
            request_key=new_key(),
        )
