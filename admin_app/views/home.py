"""« Accueil »: what needs attention, with a link to each thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask.typing import ResponseReturnValue

from admin_app.access import Need, is_of_academy, is_open, school_id
from admin_app.installation import installation, session, today
from admin_app.page import Page, expose
from admin_app.ui.populations import AREAS, Area
from shared import clock
from shared.accounts.credentials.key_trial import key_opens
from shared.accounts.ties.powers import Power
from shared.establishments.services import ServiceState, services_of
from shared.establishments.wrong_children import count_waiting
from shared.models.notifications import CampaignRefusal
from shared.models.staff import Tab
from shared.notifications.campaigns.overview import count_refused
from shared.notifications.outbox.provider_refusals import recent_refusals
from shared.overview.attention import (
    AccountsToWatch,
    SchoolBaseToWatch,
    accounts_to_watch,
    school_base_to_watch,
)
from shared.siecle.effects.history import count_to_see
from shared.siecle.effects.unaccompanied import count_without_legal_guardian
from shared.siecle.recognising.seen import count_unseen
from shared.watching.judgement import Finding, Level, judge
from shared.watching.state import is_anybody_at_work, read_background


@dataclass(frozen=True)
class AreaToWatch:
    """What one of the two tabs of accounts should look at."""

    area: Area
    accounts: AccountsToWatch
    failed: int
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
        """The counts."""
        return self.render(
            "admin/home.html",
            areas=[_watch(area) for area in AREAS if is_open(area.tab)],
            base=_base() if is_open(Tab.IMPORTS) or is_open(Tab.DUPLICATES) else None,
            wrong_children=count_waiting(session(), school_id()) if is_open(Tab.GUARDIANS) else 0,
            identity_changes=count_unseen(session(), school_id()) if is_open(Tab.IMPORTS) else 0,
            losses=count_to_see(session(), school_id()) if is_open(Tab.IMPORTS) else 0,
            unaccompanied=_unaccompanied() if is_open(Tab.GUARDIANS) else 0,
            services=_services() if is_open(Tab.SERVICES) else None,
            nobody_works=not is_anybody_at_work(session(), clock.now()),
            troubles=_troubles() if is_of_academy() else [],
            key_is_lost=is_of_academy() and not key_opens(session(), installation().sealer),
            today=today(),
            Tab=Tab,
        )


def _troubles() -> list[Finding]:
    """What is wrong in the background, for those who may have the server looked at."""
    now = clock.now()
    return [one for one in judge(read_background(session(), now), now) if one.level is not Level.GOOD]


def _watch(area: Area) -> AreaToWatch:
    return AreaToWatch(
        area,
        accounts_to_watch(session(), school_id(), area.population, today()),
        count_refused(session(), school_id(), area.population.kind),
        recent_refusals(session(), school_id(), area.population.kind, clock.now()),
    )


def _base() -> SchoolBaseToWatch:
    return school_base_to_watch(session(), school_id())


def _unaccompanied() -> int:
    return count_without_legal_guardian(session(), school_id(), today())


def _services() -> list[ServiceState]:
    return services_of(session(), school_id())
