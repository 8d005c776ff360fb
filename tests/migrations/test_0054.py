"""Somebody may be of the help desk after it, in one establishment or in all; the roles of others stay, both ways."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.migrations.test_0032 import STAFF
from tests.migrations.test_0041 import PROVIDER

SCHOOL = "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')"
ROLE = (
    "INSERT INTO staff_role (id, staff_id, kind, establishment_id, tabs, version) VALUES ({0}, 1, '{1}', {2}, '[]', 1)"
)
PROVIDED = (
    "INSERT INTO provided_role (id, staff_id, provider_id, kind, establishment_id, tabs)"
    " VALUES ({0}, 1, 1, '{1}', {2}, '[]')"
)
COUNTED = "SELECT (SELECT count(*) FROM staff_role), (SELECT count(*) FROM provided_role)"


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def counts(database: Database) -> tuple[int, ...]:
    with database.engine.connect() as connection:
        return tuple(connection.execute(text(COUNTED)).one())


@pytest.mark.both_databases
def test_the_help_desk_comes_and_goes_and_the_other_roles_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0053")
    write(database, STAFF, SCHOOL, PROVIDER.format(1, "cas"))
    write(database, ROLE.format(1, "head", 1), PROVIDED.format(1, "academy", "NULL"))
    with pytest.raises(IntegrityError):
        write(database, ROLE.format(2, "help_desk", "NULL"))
    schema.upgrade(database.engine, "0054")
    write(database, ROLE.format(2, "help_desk", "NULL"), PROVIDED.format(2, "help_desk", 1))
    assert counts(database) == (2, 2)
    for wrong in (ROLE.format(3, "head", "NULL"), PROVIDED.format(3, "academy", 1), ROLE.format(3, "chief", 1)):
        with pytest.raises(IntegrityError):
            write(database, wrong)
    schema.downgrade(database.engine, "0053")
    assert counts(database) == (1, 1)
    with pytest.raises(IntegrityError):
        write(database, PROVIDED.format(2, "help_desk", 1))
    schema.upgrade(database.engine)
