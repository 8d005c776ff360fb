"""A statement that is put together once answers for the school, the day and the instant that it is asked about."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Date, func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from shared.accounts.directory.listing import count_accounts
from shared.accounts.populations import GUARDIANS
from shared.models.accounts import Account, AccountState
from shared.rows.prepared import TODAY, Prepared, derived
from tests.factories import TODAY as THIS_DAY
from tests.factories import make_account, make_establishment, make_guardian, make_student

pytestmark = pytest.mark.both_databases


def week_after(day: date) -> date:
    return day + timedelta(days=7)


@pytest.fixture
def schools(session: Session) -> list[int]:
    """Two, with one account each that is erased twenty days from now, and one more in the second that has no end."""
    found = []
    for number in range(2):
        school = make_establishment(session, f"974000{number}A")
        for person in range(number + 1):
            guardian = make_guardian(session, school, make_student(session, school), first_name=f"P{person}")
            state = AccountState.ACTIVE if person else AccountState.ACTIVATING
            account = make_account(session, f"p{number}.{person}", guardian, state=state)
            account.expires_on = None if person else THIS_DAY + timedelta(days=20)
        found.append(school.id)
    session.flush()
    return found


def test_the_same_counts_are_asked_for_each_school_and_on_each_day(session: Session, schools: list[int]) -> None:
    def expiring(school_id: int, days: int) -> int:
        return count_accounts(session, school_id, GUARDIANS, THIS_DAY + timedelta(days=days)).expiring

    assert [expiring(one, days) for one in schools for days in (0, 6, 0)] == [0, 1, 0] * 2
    totals = [sum(count_accounts(session, one, GUARDIANS, THIS_DAY).by_state.values()) for one in schools]
    assert totals == [1, 2]


def test_what_is_derived_from_a_value_is_computed_each_time_that_the_statement_runs(
    session: Session, schools: list[int]
) -> None:
    ends = Prepared(select(func.count(Account.id)).where(Account.expires_on <= derived(TODAY, week_after, Date())))
    assert [ends.number(session, today=THIS_DAY + timedelta(days=days)) for days in (12, 13, 12)] == [0, 2, 0]


def test_a_value_that_is_given_is_derived_from_at_once() -> None:
    assert derived(THIS_DAY, week_after, Date()) == THIS_DAY + timedelta(days=7)


def test_a_statement_does_not_run_without_what_it_is_to_be_told(session: Session) -> None:
    with pytest.raises(StatementError, match="today"):
        Prepared(select(Account.id).where(Account.expires_on == TODAY)).rows(session)
