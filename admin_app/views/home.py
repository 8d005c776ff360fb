"""« Accueil »: what needs attention, with a link to each thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask.typing import ResponseReturnValue

from admin_app.access import Need, establishment, is_of_academy, is_open, school_id
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.statistics.curve import Curve, curve_of
from admin_app.ui.populations import AREAS, OF_GUARDIANS, Area
from shared import clock
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.ties.powers import Power
from shared.establishments.services import ServiceState, services_of
from shared.establishments.settled import unsettled
from shared.models.accounts import Account
from shared.models.sending.refusals import CampaignRefusal
from shared.models.staff import Tab
from shared.notifications.campaigns.overview import Afoot, count_afoot
from shared.notifications.outbox.provider_refusals import recent_refusals
from shared.overview.attention import (
    AccountsToWatch,
    SchoolBaseToWatch,
    accounts_to_watch,
    school_base_to_watch,
    school_to_see,
)
from shared.overview.periods import last_weeks
from shared.overview.statistics import accounts_over_time
from shared.overview.todo import Facts, Progress, Step, activation_of, is_everything_done, steps_of
from shared.watching.judgement import Finding, Level, judge
from shared.watching.state import is_anybody_at_work, read_background

WEEKS = 12
"""Of the curve of activation."""


@dataclass(frozen=True)
class AreaToWatch:
    """What one of the two tabs of accounts should look at."""

    area: Area
    accounts: AccountsToWatch
    afoot: Afoot
    refusals: Sequence[CampaignRefusal]
    """What providers refused of late, whatever the address."""


class HomePage(Page):
    """What a member of staff sees first; each part only for those whose tab it is."""

    name, path, place, need, listed = "Accueil", "/", "admin", Need.ESTABLISHMENT, False

    powers: ClassVar = {
        "index": frozenset({Power.COUNT, Power.SEE_PROPOSAL}),
    }

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The steps of the routine, then the counts."""
        areas = [_watch(area) for area in AREAS if is_open(area.tab)]
        seen = school_to_see(session(), school_id(), today())
        base = _base() if is_open(Tab.IMPORTS) or is_open(Tab.DUPLICATES) else None
        return self.render(
            "admin/home.html",
            areas=areas,
            base=base,
            **_routine(areas, base),
            wrong_children=seen.wrong_children if is_open(Tab.GUARDIANS) else 0,
            identity_changes=seen.identity_changes if is_open(Tab.IMPORTS) else 0,
            losses=seen.losses if is_open(Tab.IMPORTS) else 0,
            unaccompanied=seen.unaccompanied if is_open(Tab.GUARDIANS) else 0,
            services=_services() if is_open(Tab.SERVICES) else None,
            nobody_works=not is_anybody_at_work(session(), clock.now()),
            troubles=_troubles() if is_of_academy() else [],
            key_is_lost=is_of_academy() and not key_opens(session(), installation().sealer),
            today=today(),
            Tab=Tab,
        )


def _routine(areas: Sequence[AreaToWatch], base: SchoolBaseToWatch | None) -> dict[str, object]:
    """« À faire »: the steps that the visitor may take, and what the page says of each."""
    watched = next((one for one in areas if one.area is OF_GUARDIANS), None)
    left = unsettled(session(), establishment()) if is_open(Tab.SETTINGS) else None
    steps = steps_of(
        Facts(
            today=today(),
            base=base,
            sees_imports=is_open(Tab.IMPORTS),
            sees_duplicates=is_open(Tab.DUPLICATES),
            accounts=watched.accounts if watched else None,
            afoot=watched.afoot if watched else None,
            unsettled=left,
        )
    )
    return {
        "steps": steps,
        "is_done": is_everything_done(steps),
        "unsettled": left,
        "watched": watched,
        "activation": activation_of(watched.accounts) if watched else None,
        "curve": _curve(watched.accounts) if watched else None,
        "Step": Step,
        "Progress": Progress,
    }


def _curve(accounts: AccountsToWatch) -> Curve | None:
    """The used accounts, week after week."""
    weeks, zone = last_weeks(today(), WEEKS), installation().settings.time_zone
    limits = [clock.start_of_day(day, zone) for day in weeks]
    (gained,) = accounts_over_time(session(), school_id(), OF_GUARDIANS.population, [Account.activated_at], limits)
    return curve_of(activation_of(accounts), gained, weeks[1:])


def _troubles() -> list[Finding]:
    """What is wrong in the background, for those who may have the server looked at."""
    now = clock.now()
    return [one for one in judge(read_background(session(), now), now) if one.level is not Level.GOOD]


def _watch(area: Area) -> AreaToWatch:
    return AreaToWatch(
        area,
        accounts_to_watch(session(), school_id(), area.population, today()),
        count_afoot(session(), school_id(), area.population, clock.now(), today()),
        recent_refusals(session(), school_id(), area.population.kind, clock.now()),
    )


def _base() -> SchoolBaseToWatch:
    return school_base_to_watch(session(), school_id())


def _services() -> list[ServiceState]:
    return services_of(session(), school_id())
