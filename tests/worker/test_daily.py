"""What is done every night keeps nobody waiting; the search for duplicates believes nothing that changed meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.expiry import expire_accounts
from shared.accounts.directory.states import expiry_date
from shared.config import Settings
from shared.database import Database
from shared.duplicates.matching.dataset import Fiches
from shared.duplicates.pairs import refresh
from shared.duplicates.pairs.whole_school import COMPARISONS
from shared.journal import SYSTEM
from shared.models.accounts import Account, AccountState
from shared.models.duplicates import DuplicatePair
from shared.models.school import Establishment, Guardian
from shared.worker import daily
from shared.worker.daily import expire_due, run_daily
from tests.at_rest import writing_from_elsewhere
from tests.factories import NOW, TODAY, make_account, make_establishment, make_guardian, make_student

Change = Callable[[], None]


@pytest.fixture
def schools(database: Database) -> list[int]:
    """Two schools, with two fiches each that are likely one person."""
    with database.writing() as session:
        made = [make_establishment(session, uai) for uai in ("9740001A", "9740002B")]
        for school in made:
            for _ in range(2):
                make_guardian(session, school)
        return [school.id for school in made]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], list[int]]:
    """Has something happen during each comparison; returns the list of the sizes of what was compared."""

    def happen(change: Change) -> list[int]:
        find, sizes = refresh.find_duplicates, []

        def change_then_find(fiches: Fiches, flags: object = None) -> object:
            sizes.append(len(fiches))
            change()
            return find(fiches, flags)  # type: ignore[arg-type]

        monkeypatch.setattr(refresh, "find_duplicates", change_then_find)
        return sizes

    return happen


def pairs(database: Database) -> list[tuple[int, int]]:
    with database.reading() as session:
        found = session.execute(
            select(DuplicatePair.first_id, DuplicatePair.second_id).order_by(DuplicatePair.first_id)
        )
        return [(first, second) for first, second in found]


@pytest.mark.runs_on("sqlite")
def test_others_write_while_fiches_are_compared(
    database: Database,
    database_url: str,
    settings: Settings,
    schools: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with writing_from_elsewhere(monkeypatch, database_url, refresh, "find_duplicates") as met:
        run_daily(database, settings, NOW)
    assert met == ["free"] * len(schools)
    assert len(pairs(database)) == len(schools)


def test_what_was_found_among_fiches_that_changed_meanwhile_is_looked_for_again(
    database: Database, settings: Settings, schools: list[int], meanwhile: Callable[[Change], list[int]]
) -> None:
    changes: list[int] = []

    def rename_once() -> None:
        if not changes:
            with database.writing() as session:
                renamed = session.scalars(select(Guardian).order_by(Guardian.id)).first()
                assert renamed
                renamed.first_name, renamed.email = "Zoé", "zoe@example.org"
                changes.append(renamed.id)

    compared = meanwhile(rename_once)
    run_daily(database, settings, NOW)

    assert len(compared) == len(schools) + 1
    assert [pair for pair in pairs(database) if changes[0] in pair] == []
    assert len(pairs(database)) == 1


def test_a_school_whose_fiches_change_all_the_time_waits_for_the_next_night_and_keeps_no_other_waiting(
    database: Database, settings: Settings, schools: list[int], meanwhile: Callable[[Change], list[int]]
) -> None:
    changes: list[int] = []

    def change_three_times() -> None:
        if len(changes) < COMPARISONS:
            with database.writing() as session:
                changes.append(make_guardian(session, session.get_one(Establishment, schools[0])).id)

    def schools_of_pairs() -> set[int]:
        with database.reading() as session:
            return set(session.scalars(select(DuplicatePair.establishment_id)))

    compared = meanwhile(change_three_times)
    run_daily(database, settings, NOW)
    assert len(compared) == COMPARISONS + 1
    assert schools_of_pairs() == {schools[1]}

    run_daily(database, settings, NOW + timedelta(days=1))
    assert schools_of_pairs() == set(schools)


def test_accounts_that_expire_are_erased_some_at_a_time(
    database: Database, sealer: Sealer, schools: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as session:
        school = session.get_one(Establishment, schools[0])
        student = make_student(session, school)
        for number in range(3):
            waiting = make_guardian(session, school, student)
            make_account(session, f"m.payet{number}", waiting, state=AccountState.NOTIFIED, sealer=sealer)
    lots: list[int] = []

    def erase_and_note(*arguments: object) -> int:
        lots.append(expire_some(*arguments))
        return lots[-1]

    expire_some = partial(expire_accounts, limit=2)
    monkeypatch.setattr(daily, "expire_accounts", erase_and_note)
    assert expire_due(database, NOW, expiry_date(TODAY), SYSTEM) == 3
    assert lots == [2, 1, 0]
    with database.reading() as session:
        assert session.scalars(select(Account)).all() == []
