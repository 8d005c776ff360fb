"""« À faire »: which step is done, which waits, and when everything is (R26). Pure."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from shared.accounts.directory.listing import AccountCounts
from shared.establishments.settled import Unsettled
from shared.models.accounts import AccountState
from shared.models.school import FileKind, LastExport
from shared.notifications.campaigns.overview import Afoot
from shared.overview.attention import AccountsToWatch, SchoolBaseToWatch
from shared.overview.todo import Facts, Progress, Step, activation_of, is_everything_done, is_of_this_year, steps_of

TODAY = date(2026, 9, 10)
DONE, TO_DO, UNDER_WAY, LATER = Progress.DONE, Progress.TO_DO, Progress.UNDER_WAY, Progress.LATER


def exported(day: date) -> LastExport:
    at = datetime.combine(day, datetime.min.time())
    return LastExport(establishment_id=1, kind=FileKind.STUDENTS, exported_at=at, imported_at=at)


def accounts(**counts: int) -> AccountsToWatch:
    by_state = dict.fromkeys(AccountState, 0) | {AccountState(name): number for name, number in counts.items()}
    to_notify = by_state[AccountState.NOT_NOTIFIED]
    return AccountsToWatch(AccountCounts(by_state, to_notify), 0, 0, 0, 0, 0, 0, 0)


ALL_DONE = Facts(
    today=TODAY,
    base=SchoolBaseToWatch(exported(date(2026, 8, 20)), 0, is_compared=True),
    sees_imports=True,
    sees_duplicates=True,
    accounts=accounts(active=7, notified=3),
    afoot=Afoot(failed=0, to_take=0, under_way=0, expired=0),
    unsettled=(),
)


def of(**facts: object) -> dict[Step, Progress]:
    return dict(steps_of(replace(ALL_DONE, **facts)))


def test_everything_is_done_although_families_are_still_to_activate() -> None:
    steps = of()
    assert {step: progress for step, progress in steps.items() if progress is not DONE} == {Step.ACTIVATION: UNDER_WAY}
    assert is_everything_done(steps)
    assert of(accounts=accounts(active=7))[Step.ACTIVATION] is DONE


@pytest.mark.parametrize(
    ("facts", "step", "progress"),
    [
        ({"base": SchoolBaseToWatch(None, 0, is_compared=False)}, Step.IMPORT, TO_DO),
        ({"base": SchoolBaseToWatch(exported(date(2026, 6, 20)), 0, is_compared=True)}, Step.IMPORT, TO_DO),
        ({"base": SchoolBaseToWatch(exported(TODAY), 4, is_compared=True)}, Step.DUPLICATES, TO_DO),
        ({"base": SchoolBaseToWatch(exported(TODAY), 0, is_compared=False)}, Step.DUPLICATES, UNDER_WAY),
        ({"base": SchoolBaseToWatch(exported(TODAY), 4, is_compared=False)}, Step.DUPLICATES, TO_DO),
        ({"accounts": replace(accounts(active=7), without_account=2)}, Step.GENERATION, TO_DO),
        ({"unsettled": (Unsettled.CONTACT,)}, Step.SETTINGS, TO_DO),
        ({"accounts": accounts(not_notified=1, active=7)}, Step.NOTIFYING, TO_DO),
        ({"accounts": accounts(not_notified=5), "afoot": Afoot(0, 0, 1, 0, leaving=5)}, Step.NOTIFYING, UNDER_WAY),
        ({"accounts": accounts(not_notified=5), "afoot": Afoot(0, 0, 1, 0, leaving=4)}, Step.NOTIFYING, TO_DO),
        ({"afoot": Afoot(0, 0, 1, 0)}, Step.NOTIFYING, UNDER_WAY),
        ({"afoot": Afoot(0, 1, 0, 0)}, Step.LETTERS, TO_DO),
        ({"afoot": Afoot(0, 0, 0, 1)}, Step.LETTERS, TO_DO),
        ({"afoot": Afoot(0, 0, 1, 0)}, Step.LETTERS, UNDER_WAY),
        ({"afoot": Afoot(1, 0, 0, 0)}, Step.FAILURES, TO_DO),
        ({"accounts": accounts(not_notified=5), "afoot": Afoot(0, 0, 0, 0, nowhere=5)}, Step.FAILURES, TO_DO),
        ({"accounts": accounts(not_notified=5), "afoot": Afoot(0, 0, 0, 0, nowhere=4)}, Step.NOTIFYING, TO_DO),
    ],
)
def test_what_is_left_keeps_its_step_open_and_everything_from_being_done(
    facts: dict[str, object], step: Step, progress: Progress
) -> None:
    steps = of(**facts)
    assert steps[step] is progress
    assert not is_everything_done(steps)


def test_before_anybody_is_notified_no_letter_is_printed_and_nobody_is_reached() -> None:
    later = {Step.LETTERS, Step.FAILURES, Step.ACTIVATION}
    steps = of(accounts=accounts(not_notified=5))
    assert {step for step, progress in steps.items() if progress is LATER} == later
    # Of those who were notified, some letters wait; the others are still to come.
    steps = of(accounts=accounts(not_notified=5, notified=3), afoot=Afoot(0, 1, 0, 0))
    assert [steps[step] for step in (Step.LETTERS, Step.FAILURES, Step.ACTIVATION)] == [TO_DO, LATER, UNDER_WAY]


def test_before_the_import_what_needs_it_comes_later() -> None:
    steps = of(base=SchoolBaseToWatch(None, 0, is_compared=False), accounts=accounts())
    assert {step for step, progress in steps.items() if progress is LATER} == {
        Step.DUPLICATES,
        Step.GENERATION,
        Step.NOTIFYING,
        Step.LETTERS,
        Step.FAILURES,
        Step.ACTIVATION,
    }


def test_whoever_has_one_tab_has_the_steps_of_that_tab_alone() -> None:
    nothing = {"base": None, "accounts": None, "afoot": None, "unsettled": None}
    assert of(**nothing) == {}
    assert set(of(**{**nothing, "unsettled": ()})) == {Step.SETTINGS}
    assert set(of(**{**nothing, "base": ALL_DONE.base, "sees_imports": False})) == {Step.DUPLICATES}


@pytest.mark.parametrize(
    ("day", "today", "is_of_it"),
    [
        (date(2026, 8, 1), TODAY, True),
        (date(2026, 7, 31), TODAY, False),
        (date(2026, 9, 1), date(2027, 7, 31), True),
        (date(2026, 9, 1), date(2027, 8, 1), False),
    ],
)
def test_a_file_is_of_this_year_from_the_first_of_august(day: date, today: date, is_of_it: bool) -> None:
    assert is_of_this_year(exported(day), today) is is_of_it


def test_the_rate_leaves_closed_accounts_out_and_never_rounds_up_to_everybody() -> None:
    assert activation_of(accounts(active=199, notified=1, disabled=50)).rate == 99
    assert activation_of(accounts()).rate == 0


def test_who_has_no_address_at_all_is_not_asked_to_be_notified_again_but_to_be_reached_otherwise() -> None:
    steps = of(accounts=accounts(not_notified=5), afoot=Afoot(0, 0, 0, 0, nowhere=5))
    assert (steps[Step.NOTIFYING], steps[Step.FAILURES]) == (DONE, TO_DO)
