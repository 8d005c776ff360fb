"""The index of INE holds those that are known; students stay, both ways."""

import pytest
from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database
from tests.migrations.test_0054 import SCHOOL, write

STUDENT = (
    "INSERT INTO student (id, establishment_id, siecle_id, ine, family_name, first_name, name_key, birth_name_key,"
    " scholarship, account_kept) VALUES ({0}, 1, '{0}', {1}, 'PAYET', 'Léa', 'payet lea', 'payet lea', false, false)"
)


def state(database: Database) -> tuple[int, bool]:
    """How many students there are, and whether the index is that of known INE alone."""
    with database.engine.connect() as connection:
        students = int(connection.scalar(text("SELECT count(*) FROM student")) or 0)
        indexes = {one["name"]: one for one in inspect(connection).get_indexes("student")}
    options = indexes["ix_student_ine"].get("dialect_options", {})
    return students, any(name.endswith("_where") for name in options)


@pytest.mark.both_databases
def test_known_ine_alone_are_indexed_and_students_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0058")
    write(database, SCHOOL, STUDENT.format(1, "'1234567890A'"), STUDENT.format(2, "NULL"))
    assert state(database) == (2, False)
    schema.upgrade(database.engine, "0059")
    assert state(database) == (2, True)
    schema.downgrade(database.engine, "0058")
    assert state(database) == (2, False)
    schema.upgrade(database.engine)
    assert state(database) == (2, True)
