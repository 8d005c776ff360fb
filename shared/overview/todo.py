"""« À faire »: the routine of September as steps, each with its state; every number is that of a list (R26)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.establishments.settled import Unsettled
from shared.models.accounts import AccountState
from shared.models.school import LastExport
from shared.notifications.campaigns.overview import Afoot
from shared.overview.attention import AccountsToWatch, SchoolBaseToWatch

FIRST_MONTH = 8
"""In August the files of the new school year come."""


class Step(enum.StrEnum):
    """The steps, in their order."""

    IMPORT = "import"
    DUPLICATES = "duplicates"
    GENERATION = "generation"
    SETTINGS = "settings"
    NOTIFYING = "notifying"
    LETTERS = "letters"
    FAILURES = "failures"
    ACTIVATION = "activation"


class Progress(enum.StrEnum):
    """How far one step is."""

    DONE = "done"
    TO_DO = "to_do"
    UNDER_WAY = "under_way"
    """Nothing to do but wait."""
    LATER = "later"
    """Another step comes first."""


@dataclass(frozen=True)
class Facts:
    """What the steps are judged by; none for what the visitor may not see, whose steps are left out."""

    today: date
    base: SchoolBaseToWatch | None
    """With the imports, or the duplicates."""
    sees_imports: bool
    sees_duplicates: bool
    accounts: AccountsToWatch | None
    afoot: Afoot | None
    unsettled: Sequence[Unsettled] | None


@dataclass(frozen=True)
class Activation:
    """How many of the accounts that count are used."""

    active: int
    total: int

    @property
    def rate(self) -> int:
        """In hundredths, rounded down: 100 is everybody."""
        return 100 * self.active // self.total if self.total else 0


def steps_of(facts: Facts) -> Mapping[Step, Progress]:
    """The steps that the visitor may take, and how far each is. Pure."""
    found: dict[Step, Progress] = {}
    is_imported = facts.base is None or is_of_this_year(facts.base.last_export, facts.today)
    if facts.base is not None and facts.sees_imports:
        found[Step.IMPORT] = _left(not is_imported)
    if facts.base is not None and facts.sees_duplicates:
        found[Step.DUPLICATES] = _of_duplicates(facts.base, is_imported)
    if facts.accounts is not None:
        found[Step.GENERATION] = _left(facts.accounts.without_account, is_imported)
    if facts.unsettled is not None:
        found[Step.SETTINGS] = _left(len(facts.unsettled))
    if facts.accounts is not None and facts.afoot is not None:
        found |= _of_notifications(facts.accounts, facts.afoot)
    return found


def _of_duplicates(base: SchoolBaseToWatch, is_imported: bool) -> Progress:
    left = _left(base.untreated_duplicates, is_imported)
    return Progress.UNDER_WAY if left is Progress.DONE and not base.is_compared else left


def _of_notifications(accounts: AccountsToWatch, afoot: Afoot) -> dict[Step, Progress]:
    activation = activation_of(accounts)
    sending = Progress.UNDER_WAY if afoot.under_way else Progress.DONE
    notifying = _of_notifying(accounts, afoot, sending) if activation.total else Progress.LATER
    asked = notifying not in {Progress.LATER, Progress.TO_DO}
    letters = Progress.TO_DO if afoot.to_take or afoot.expired else sending
    failures = _left(afoot.failed + afoot.nowhere)
    active = Progress.DONE if activation.active == activation.total else Progress.UNDER_WAY
    return {
        Step.NOTIFYING: notifying,
        Step.LETTERS: _no_sooner(letters, asked),
        Step.FAILURES: _no_sooner(failures, asked),
        Step.ACTIVATION: active if _is_anybody_notified(accounts) else Progress.LATER,
    }


def _no_sooner(progress: Progress, is_asked: bool) -> Progress:
    """While somebody is to be notified, letters and failures are still to come: no step about them is done."""
    return Progress.LATER if progress is Progress.DONE and not is_asked else progress


def _is_anybody_notified(accounts: AccountsToWatch) -> bool:
    return activation_of(accounts).total > accounts.counts.by_state.get(AccountState.NOT_NOTIFIED, 0)


def _of_notifying(accounts: AccountsToWatch, afoot: Afoot, sending: Progress) -> Progress:
    """Nothing is left to ask for once no step is to be confirmed, and all that remain are in a campaign under way, or
    were left aside for want of an address: those are to be reached in another way.
    """
    to_notify = accounts.counts.to_notify
    if afoot.proposed:
        return Progress.TO_DO
    if to_notify > afoot.leaving + afoot.nowhere:
        return Progress.TO_DO
    return Progress.UNDER_WAY if afoot.leaving else sending


def is_everything_done(steps: Mapping[Step, Progress]) -> bool:
    """Whether nothing is left for staff to do: families activate their accounts themselves, in their own time."""
    return all(progress is Progress.DONE for step, progress in steps.items() if step is not Step.ACTIVATION)


def is_of_this_year(export: LastExport | None, today: date) -> bool:
    """Whether a file was exported since the first of August: the school base is of this school year."""
    first_day = date(today.year if today.month >= FIRST_MONTH else today.year - 1, FIRST_MONTH, 1)
    return export is not None and export.exported_at.date() >= first_day


def activation_of(accounts: AccountsToWatch) -> Activation:
    """The used accounts, of those that count and are not closed."""
    return activation_in(accounts.counts.by_state)


def activation_in(by_state: Mapping[AccountState, int]) -> Activation:
    """The same, of accounts counted by state: those of a division, of a level…"""
    closed = (AccountState.DISABLED, AccountState.MERGED)
    total = sum(number for state, number in by_state.items() if state not in closed)
    return Activation(by_state.get(AccountState.ACTIVE, 0), total)


def _left(number: int, may_begin: bool = True) -> Progress:
    if not may_begin:
        return Progress.LATER
    return Progress.TO_DO if number else Progress.DONE
