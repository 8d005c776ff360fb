"""R4: a student who leaves the establishment of before confirms the tie, whether a file comes then or not."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.config import Settings
from shared.database import Database
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account
from shared.models.journal import JournalEvent
from shared.models.school import Guardian, Student
from shared.worker.daily import run_daily
from tests.accounts.ties.families import generate, make_family
from tests.factories import NOW, TODAY, make_account, make_student

LEAVES = TODAY + timedelta(days=10)


@pytest.fixture
def waiting(database: Database, sealer: Sealer) -> int:
    """A family whose child leaves in ten days, as the school of before knows; the account of its mother."""
    with database.writing() as session:
        family = make_family(session, left_on=LEAVES)
        make_account(session, "l.payet", family.child)
        for population in (GUARDIANS, STUDENTS):
            assert generate(session, sealer, family.there, population).proposed == 1
        return family.there.id


def night(database: Database, settings: Settings, days: int) -> None:
    run_daily(database, settings, NOW + timedelta(days=days))


def held(database: Database, establishment_id: int) -> list[int | None]:
    with database.reading() as session:
        tables: list[type[Guardian] | type[Student]] = [Guardian, Student]
        return [
            session.scalars(select(one.account_id).where(one.establishment_id == establishment_id)).one()
            for one in tables
        ]


def test_the_night_after_the_day_of_departure_the_fiches_hold_the_accounts(
    database: Database, settings: Settings, waiting: int
) -> None:
    night(database, settings, 9)
    assert held(database, waiting) == [None, None]
    night(database, settings, 10)
    with database.reading() as session:
        assert held(database, waiting) == session.scalars(select(Account.id).order_by(Account.id)).all()
        settled = select(AccountTie.state, AccountTie.confirmed_by).where(AccountTie.establishment_id == waiting)
        assert session.execute(settled).all() == [(TieState.CONFIRMED, ConfirmedBy.DEPARTURE)] * 2
        assert session.scalars(select(ProposedFiche)).all() == []
        noted = select(JournalEvent).where(JournalEvent.action == "account_kept")
        assert {(one.establishment_id, one.actor_name) for one in session.scalars(noted)} == {(waiting, "système")}


def test_a_second_night_changes_nothing_more(database: Database, settings: Settings, waiting: int) -> None:
    for day in (10, 10, 11):
        night(database, settings, day)
    with database.reading() as session:
        assert len(session.scalars(select(JournalEvent).where(JournalEvent.action == "account_kept")).all()) == 2


def test_the_same_student_still_present_in_a_third_school_speaks_against_it(
    database: Database, settings: Settings, waiting: int
) -> None:
    with database.writing() as session:
        third = make_family(session, 2).here
        child = session.scalars(select(Student).where(Student.establishment_id == waiting)).one()
        make_student(session, third, ine=child.ine)
    night(database, settings, 12)
    assert held(database, waiting) == [None, None]


def test_where_nothing_waits_no_school_is_looked_at(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(
        "shared.worker.daily.confirm_departures", lambda _session, school, **_names: looked.append(school)
    )
    with database.writing() as session:
        make_family(session)
    night(database, settings, 1)
    assert looked == []
