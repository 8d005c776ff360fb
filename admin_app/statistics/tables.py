"""The tables of « Statistiques », in the words of staff (R26)."""

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import TypeVar

from babel.dates import format_date
from sqlalchemy.orm import Session

from admin_app.ui.labels import count, word
from admin_app.ui.populations import OF_GUARDIANS, Area
from shared import clock
from shared.accounts.directory.listing import count_everybody
from shared.accounts.state_policy import COUNTED
from shared.french import agreed
from shared.models.accounts import Account
from shared.models.notifications import Channel, DeliveryState
from shared.notifications.campaigns.planning import ALWAYS_TOLD
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.sms.costs import cost_of_school, euros
from shared.overview.channels import compare_channels
from shared.overview.periods import last_months, last_weeks
from shared.overview.statistics import (
    ByState,
    GroupedAccounts,
    accounts_over_time,
    group_accounts,
    notifications_by_channel,
    notified_over_time,
)
from shared.overview.todo import activation_in
from shared.spreadsheets import Sheet

MONTHS, WEEKS = 12, 12
Column = TypeVar("Column", bound=enum.StrEnum)
CLOSED_LEFT_OUT = "Seuls les élèves présents comptent, sans les comptes désactivés."
NOBODY_LEFT = "Seules les personnes présentes comptent."
OF_THOSE_GONE = (
    "d'une personne partie ou d'une fiche fusionnée n'y est pas",
    "de personnes parties ou de fiches fusionnées n'y sont pas",
)
OUTCOMES = tuple(DeliveryState)


@dataclass(frozen=True)
class Figures:
    """One table of counts, and how its chart is drawn."""

    code: str
    """Its name in addresses and files."""
    title: str
    heading: str
    """Of the first column, which says what each row counts."""
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]
    note: str = ""
    over_time: bool = False
    """Rows are periods, drawn as columns; otherwise bars, cut into the columns of the table."""
    has_total: bool = True
    beside: Sequence[str] = ()
    """Columns after the counts, that are not drawn and not added up."""
    said_beside: Mapping[str, Sequence[str | int]] = field(default_factory=dict)
    """What stands in them, by the label of the row."""
    is_folded: bool = False
    """Shown when it is asked for: what tells how far families are comes first."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(any(counts) for _, counts in self.rows)

    def sheet(self) -> Sheet:
        """The table as a file holds it."""
        total = ["Total"] if self.has_total else []
        header = [self.heading, *self.columns, *total, *self.beside]
        return Sheet(header, ([label, *self.cells(label, counts)] for label, counts in self.rows))

    def cells(self, label: str, counts: Sequence[int]) -> list[str | int]:
        """What stands in one row behind its label."""
        total = [sum(counts)] if self.has_total else []
        return [*counts, *total, *self.said_beside.get(label, ())]


@dataclass(frozen=True)
class Counting:
    """Whose accounts are counted, and when."""

    session: Session
    establishment_id: int
    area: Area
    today: date
    time_zone: str

    def instants(self, days: Sequence[date]) -> list[datetime]:
        """When these days begin."""
        return [clock.start_of_day(day, self.time_zone) for day in days]


def every_figures(counting: Counting) -> list[Figures]:
    """All the tables about one population, in the order of the page."""
    grouped = group_accounts(counting.session, counting.establishment_id, counting.area.population, counting.today)
    by_week, by_month = _activation(counting, [_weeks(counting), _months(counting)])
    details = [
        _by_state(counting, grouped),
        _by_division(grouped, counting.area),
        *([_by_rank(grouped)] if counting.area is OF_GUARDIANS else []),
        _over_time("activation-par-mois", "Activation, par mois", by_month),
        _by_mode(counting),
        _notified(counting, "notifications-par-mois", "Notifications, par mois", _months(counting)),
    ]
    return [
        *_rates(grouped),
        _over_time("activation-par-semaine", "Activation, par semaine", by_week),
        _by_channel(counting),
        *(replace(one, is_folded=True) for one in details),
    ]


def _rates(grouped: GroupedAccounts) -> Iterator[Figures]:
    """How far the families of each level and of each division are; closed accounts are left out."""
    levels = {level.value: of for level, of in grouped.by_level.items()}
    yield _rate("taux-par-niveau", "Taux d'activation, par niveau", "Niveau", levels)
    divisions = {code or "Sans division": of for code, of in grouped.by_division.items()}
    yield _rate("taux-par-division", "Taux d'activation, par division", "Division", divisions)


def _rate(code: str, title: str, heading: str, groups: Mapping[str, ByState]) -> Figures:
    found = {name: activation_in(of) for name, of in groups.items()}
    rows = [(f"{name} ({one.rate}\u00a0%)", [one.active, one.total - one.active]) for name, one in found.items()]
    return Figures(code, title, heading, ["Utilisés", "Pas encore utilisés"], rows, CLOSED_LEFT_OUT)


Periods = tuple[Sequence[date], Callable[[date], str]]


def _months(counting: Counting) -> Periods:
    return last_months(counting.today, MONTHS), lambda day: format_date(day, "MMM yyyy", locale="fr")


def _weeks(counting: Counting) -> Periods:
    return last_weeks(counting.today, WEEKS), lambda day: f"{day:%d/%m}"


def _spread(counts: Mapping[Column, int], columns: Sequence[Column]) -> list[int]:
    return [counts.get(column, 0) for column in columns]


def _words(columns: Sequence[enum.StrEnum]) -> list[str]:
    return [word(column) for column in columns]


def _by_state(counting: Counting, grouped: GroupedAccounts) -> Figures:
    there, asked = grouped.everybody, (counting.session, counting.establishment_id, counting.area.population)
    left = count_everybody(*asked) - sum(there.values())
    rows = [(word(state), [there.get(state, 0)]) for state in COUNTED]
    note = NOBODY_LEFT + (f" {count(left, 'compte', 'comptes')} {agreed(left, *OF_THOSE_GONE)}." if left else "")
    return Figures("etat", "Comptes, par état", "État", ["Comptes"], rows, note, has_total=False)


def _by_division(grouped: GroupedAccounts, area: Area) -> Figures:
    rows = [(code or "Sans division", _spread(counts, COUNTED)) for code, counts in grouped.by_division.items()]
    note = "Seuls les élèves présents comptent."
    if area is OF_GUARDIANS:
        note += " Un responsable qui a des enfants dans deux divisions compte dans chacune."
    return Figures("division", "Comptes, par division", "Division", _words(COUNTED), rows, note)


def _by_rank(grouped: GroupedAccounts) -> Figures:
    rows = [(f"Légal {rank}", _spread(counts, COUNTED)) for rank, counts in grouped.by_rank.items()]
    note = "Un responsable Légal 1 d'un enfant et Légal 2 d'un autre compte dans les deux."
    return Figures("qualite", "Comptes, par qualité", "Qualité", _words(COUNTED), rows, note)


Rows = Sequence[tuple[str, Sequence[int]]]


def _activation(counting: Counting, of: Sequence[Periods]) -> list[Rows]:
    """The first logins and the activations of each period: one reading of the accounts, for weeks and months alike."""
    limits = sorted({day for days, _ in of for day in days})
    taken = accounts_over_time(
        counting.session,
        counting.establishment_id,
        counting.area.population,
        [Account.first_login_at, Account.activated_at],
        counting.instants(limits),
    )
    places = [(days, label, list(map(limits.index, days))) for days, label in of]
    return [
        [
            (label(day), [sum(counts[start:end]) for counts in taken])
            for day, (start, end) in zip(days, pairwise(at), strict=False)
        ]
        for days, label, at in places
    ]


def _over_time(code: str, title: str, rows: Rows) -> Figures:
    columns = ["Premières connexions", "Comptes activés"]
    note = "Les comptes effacés depuis ne comptent plus ; ceux des personnes parties depuis comptent."
    return Figures(code, title, "Période", columns, rows, note, over_time=True, has_total=False)


def _shown(of: Mapping[Channel, object]) -> tuple[Channel, ...]:
    """The channels that every installation has, and the others once something left by them."""
    return tuple(channel for channel in Channel if channel in ALWAYS_TOLD or channel in of)


def _by_channel(counting: Counting) -> Figures:
    """How the channels compare: whom each reached, who activated the account after it, how soon, at what cost."""
    found = compare_channels(counting.session, counting.establishment_id, counting.area.population.kind)
    of = {word(channel): found[channel] for channel in CHANNELS if channel in found}
    return Figures(
        "moyens",
        "Ce qu'a donné chaque moyen",
        "Moyen",
        ["Comptes activés ensuite", "Joints, pas activés ensuite"],
        [(name, [one.activated, one.reached - one.activated]) for name, one in of.items()],
        "Un compte activé compte pour le moyen de sa dernière notification d'avant. Le coût est celui des SMS ; "
        "l'installation ne connaît ni timbre ni papier.",
        has_total=False,
        beside=("Comptes joints", "Délai médian, en jours", "Coût"),
        said_beside={
            name: (
                one.reached,
                "" if one.median_days is None else round(one.median_days),
                euros(one.cost) if one.cost else "",
            )
            for name, one in of.items()
        },
    )


def _by_mode(counting: Counting) -> Figures:
    of = notifications_by_channel(counting.session, counting.establishment_id, counting.area.population.kind)
    rows = [(word(channel), _spread(of.get(channel, {}), OUTCOMES)) for channel in _shown(of)]
    cost = cost_of_school(counting.session, counting.establishment_id, counting.area.population.kind)
    note = f"Les SMS ont coûté {euros(cost)}." if cost else ""
    return Figures("mode", "Notifications, par mode", "Mode", _words(OUTCOMES), rows, note)


def _notified(counting: Counting, code: str, title: str, periods: Periods) -> Figures:
    days, label = periods
    of = notified_over_time(
        counting.session, counting.establishment_id, counting.area.population.kind, counting.instants(days)
    )
    nothing = [0] * (len(days) - 1)
    shown = _shown(of)
    by_channel = [of.get(channel, nothing) for channel in shown]
    rows = [(label(day), counts) for day, counts in zip(days, zip(*by_channel, strict=True), strict=False)]
    return Figures(code, title, "Période", _words(shown), rows, over_time=True)
