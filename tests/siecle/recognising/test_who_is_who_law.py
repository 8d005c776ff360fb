"""R31, as a law: whatever is imported, no account is tied to two persons and no family sees another one's child.

`make law` looks for long. `LAW_EXAMPLES` says how many histories are tried on each database.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from sqlalchemy import select

from shared.database import Database
from shared.models.accounts import Account
from shared.models.school import Guardian, Guardianship, Student
from tests.factories import make_account
from tests.siecle.conftest import Import
from tests.siecle.recognising.histories import (
    Export,
    Given,
    borne_by_several,
    families_of,
    files_in_order,
    forget,
    histories,
    is_complete,
    law,
    records_of,
)


def give_accounts(database: Database) -> None:
    """Everybody who has none gets one, which says in its identifier who it was made for."""
    with database.writing() as session:
        for model in (Guardian, Student):
            for fiche in session.scalars(select(model).where(model.account_id.is_(None))):
                make_account(session, f"{fiche.address_line1}.{fiche.id}", fiche)


def require_one_person_each(database: Database) -> None:
    with database.reading() as session:
        for model in (Guardian, Student):
            held = select(Account.identifier, model.address_line1).join(model, model.account_id == Account.id)
            for identifier, person in session.execute(held):
                assert identifier.partition(".")[0] == person, "an account of one person is another's now"


def seen(database: Database) -> set[tuple[str, str]]:
    """Which children each guardian's account shows, as they are in truth."""
    with database.reading() as session:
        rows = session.execute(
            select(Account.identifier, Student.address_line1)
            .join(Guardian, Guardian.account_id == Account.id)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(Guardian.gone_at.is_(None), Guardianship.gone_at.is_(None), Student.gone_at.is_(None))
        )
        return {(identifier.partition(".")[0], child) for identifier, child in rows}


@pytest.fixture
def import_time() -> datetime:
    """After the last of the files."""
    return datetime(2028, 9, 2, 8, 0, tzinfo=UTC)


@law(examples=12)
@given(history=histories())
def test_no_account_is_ever_tied_to_two_persons_and_no_family_sees_a_child_that_no_file_gives_it(
    database: Database, run_import: Import, tmp_path: Path, history: list[Export]
) -> None:
    forget(database)
    gave = Given()
    for number, export in enumerate(history):
        files = records_of(export, borne_by_several(history), tmp_path / "law", number)
        for name, paths in files_in_order(export, files):
            run_import(paths, accept_older=True)
            gave.take(export, name)
            require_one_person_each(database)
            give_accounts(database)
            assert seen(database) <= gave.pairs()
        if is_complete(export):
            assert seen(database) == {(f"G{parent}", f"S{child}") for parent, child in families_of(export)}
