"""What staff chose to notify, as it travels in the address and in the forms of « Notifier en masse » (R16)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from admin_app.offering import offer
from admin_app.ui.labels import count, word
from admin_app.ui.populations import Area
from admin_app.views.notifying.address_fields import is_number, read_key, read_numbers, write_numbers
from shared import clock
from shared.accounts.state_policy import NOTIFIABLE
from shared.models.accounts import AccountState
from shared.models.notifications import Campaign, Channel, Mode
from shared.notifications.campaigns.selection import Criteria, Key
from shared.notifications.campaigns.unreached import Missed, Outcome
from shared.notifications.channels.channel import ChannelType
from shared.notifications.channels.registry import CHANNELS, ROUTES
from shared.notifications.staged.steps import Steps, in_words
from shared.web.headers import row_number, typed_day

MOST_UNTICKED = 400
"""They travel in the address, which browsers and servers keep short."""
DIVISIONS_NAMED = 8
IN_STEPS = "etapes"
"""In place of a mode: one channel after another."""
MISSED = {
    "echecs": Outcome.FAILED,
    "sans-adresse": Outcome.LEFT_ASIDE,
    "effaces": Outcome.EXPIRED,
    "revenus": Outcome.RETURNED,
}
"""Those that notifications did not reach, as addresses name them."""


@dataclass(frozen=True)
class Choice:
    """The criteria, the lines taken out by hand, and the page of the list being looked at."""

    area: Area
    divisions: frozenset[str]
    ranks: frozenset[int]
    states: frozenset[AccountState]
    used_before: date | None
    mode: Mode
    among: Missed | None
    accounts: frozenset[int]
    """Those ticked in the list of accounts; nothing for everybody."""
    unticked: frozenset[int]
    after: Key | None
    before: Key | None
    is_shown: bool
    """The list was asked for."""
    is_made: bool
    """What will happen was asked for."""
    steps: Steps | None = None
    """One channel after another, in place of the mode."""

    @classmethod
    def of_campaign(cls, campaign: Campaign, area: Area, division: str, time_zone: str) -> "Choice":
        """The same as was chosen for a campaign, for another division; what is unticked there is of no use here."""
        wanted = Criteria.of_json(campaign.criteria)
        used = wanted.last_used_before
        return cls(
            area=area,
            divisions=frozenset({division}),
            ranks=wanted.ranks,
            states=wanted.states,
            used_before=clock.local_date(used, time_zone) if used else None,
            mode=campaign.mode,
            among=wanted.among,
            accounts=frozenset(),
            unticked=frozenset(),
            after=None,
            before=None,
            is_shown=True,
            is_made=True,
        )

    def everybody(self, time_zone: str) -> Criteria:
        """Whom the criteria alone select."""
        return Criteria(
            kind=self.area.population.kind,
            divisions=self.divisions,
            ranks=self.ranks,
            states=self.states,
            last_used_before=clock.start_of_day(self.used_before, time_zone) if self.used_before else None,
            account_ids=self.accounts,
            among=self.among,
        )

    def criteria(self, time_zone: str) -> Criteria:
        """Whom to notify: without those taken out."""
        everybody = self.everybody(time_zone)
        return Criteria(**{**vars(everybody), "unticked": self.unticked})

    @property
    def channels(self) -> Sequence[ChannelType]:
        """Those that it would use, the first first."""
        return [CHANNELS[one] for one in self.steps.channels] if self.steps else ROUTES[self.mode].channels

    @property
    def transmission(self) -> str:
        """How it is sent, in a few words."""
        return in_words(self.steps.channels) if self.steps else ROUTES[self.mode].title

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The criteria, as the fields of a form or the parts of an address."""
        return [
            ("vu", "1"),
            *(("division", code) for code in sorted(self.divisions)),
            *(("rang", str(rank)) for rank in sorted(self.ranks)),
            *(("etat", state.value) for state in sorted(self.states)),
            *self._transmission_fields,
            *([("utilise_avant", self.used_before.isoformat())] if self.used_before else []),
            *([("comptes", write_numbers(self.accounts))] if self.accounts else []),
            *missed_fields(self.among).items(),
        ]

    @property
    def _transmission_fields(self) -> list[tuple[str, str]]:
        if self.steps is None:
            return [("mode", self.mode.value)]
        steps = [("etape", channel.value) for channel in self.steps.channels]
        return [("mode", IN_STEPS), *steps, ("jours", str(self.steps.days))]

    @property
    def unticked_field(self) -> str:
        """The accounts taken out, as one field."""
        return write_numbers(self.unticked)


def offered_modes(area: Area) -> tuple[Mode, ...]:
    """The ways of informing that staff choose from: those of this installation that reach this population."""
    return offer().modes_for(area.population.kind)


def as_query(fields: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Fields as `url_for` takes them."""
    query: dict[str, list[str]] = {}
    for name, value in fields:
        query.setdefault(name, []).append(value)
    return query


def read_choice(given: MultiDict[str, str], area: Area) -> Choice:
    """What the address or the form says; what makes no sense in it is passed over."""
    states = frozenset(state for state in given.getlist("etat", AccountState) if state in NOTIFIABLE)
    is_shown = "vu" in given
    return Choice(
        area=area,
        divisions=frozenset(filter(None, given.getlist("division"))),
        ranks=frozenset(rank for rank in given.getlist("rang", int) if rank in {1, 2}),
        states=states if is_shown else states or frozenset({AccountState.NOT_NOTIFIED}),
        used_before=given.get("utilise_avant", None, typed_day),
        mode=given.get("mode", Mode.BOTH, Mode),
        among=_missed(given),
        accounts=read_numbers(given.get("comptes", "")),
        unticked=_unticked(given),
        after=read_key(given.get("apres", "")),
        before=read_key(given.get("avant", "")),
        is_shown=is_shown,
        is_made=given.get("aller") == "confirmer",
        steps=_steps(given) if given.get("mode") == IN_STEPS else None,
    )


def _steps(given: MultiDict[str, str]) -> Steps:
    """The order chosen; what makes no sense in it is refused by the rules, with what to do."""
    channels = tuple(Channel(one) for one in given.getlist("etape") if one in set(Channel))
    days = given.get("jours", "")
    return Steps(channels, int(days) if is_number(days) else 0)


def shown_steps(choice: Choice) -> list[str]:
    """What the form shows of each step it has room for: those chosen, else every channel up to the first on paper."""
    channels = offer().channels_for(choice.area.population.kind)
    if choice.steps:
        shown = [channel.value for channel in choice.steps.channels]
    else:
        first_printed = next((place for place, one in enumerate(channels) if one.keeps_files), len(channels))
        shown = [one.channel.value for one in channels[: first_printed + 1]]
    return [*shown, *("" for _ in channels[len(shown) :])]


def summary_of(choice: Choice, total: int) -> str:
    """What is chosen, in one line that stays in view: « 31 comptes sélectionnés : 6A – Non notifié – … »."""
    parts = [
        f"parmi {count(len(choice.accounts), 'compte coché', 'comptes cochés')}" if choice.accounts else "",
        _divisions(choice),
        " et ".join(f"Légal {rank}" for rank in sorted(choice.ranks)),
        ", ".join(word(state) for state in sorted(choice.states)),
        choice.transmission,
    ]
    selected = count(total, "compte sélectionné", "comptes sélectionnés")
    return f"{selected} : {' – '.join(filter(None, parts))}"


def empty_division_words(codes: Sequence[str]) -> str:
    """That nobody is in some of the divisions chosen; nothing when somebody is in each."""
    if not codes:
        return ""
    named = ", ".join(codes[:DIVISIONS_NAMED])
    more = len(codes) - DIVISIONS_NAMED
    others = f" et {count(more, 'autre')}" if more > 0 else ""
    return f"Aucun élève présent {'dans la division' if len(codes) == 1 else 'dans les divisions'} {named}{others}."


def _divisions(choice: Choice) -> str:
    codes = sorted(choice.divisions)
    if not codes:
        return "toutes les divisions"
    more = len(codes) - DIVISIONS_NAMED
    named = ", ".join(codes[:DIVISIONS_NAMED])
    return f"{named} et {count(more, 'autre')}" if more > 0 else named


def missed_fields(among: Missed | None) -> dict[str, str]:
    """Those that a notification did not reach, as parts of an address; nothing for everybody."""
    if among is None:
        return {}
    code = next(code for code, outcome in MISSED.items() if outcome is among.outcome)
    return {"ceux": code} | ({"envoi": str(among.campaign_id)} if among.campaign_id else {})


def _missed(given: MultiDict[str, str]) -> Missed | None:
    outcome = MISSED.get(given.get("ceux", ""))
    return Missed(outcome, given.get("envoi", None, row_number)) if outcome else None


def _unticked(given: MultiDict[str, str]) -> frozenset[int]:
    """Those taken out on other pages, and those that this page showed and that are no longer ticked."""
    before, shown = read_numbers(given.get("sauf", "")), read_numbers(given.get("lignes", ""))
    ticked = {int(number) for number in given.getlist("garde") if is_number(number)}
    return (before - shown) | (shown - ticked)
