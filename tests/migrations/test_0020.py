"""INE are written in one way and those that are none go, people and their keys stay; the tables refuse nonsense."""

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from shared.persons.identity import well_formed_ine

PERSON = "(id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key"
SCHOOLS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (2, '9740002B', 'B', '2026-09-01')",
)
STUDENT = text(
    f"INSERT INTO student {PERSON}, birth_date, scholarship, account_kept, ine)"
    " VALUES (:id, :school, :key, 'PAYET', 'Léa', 'payet lea', 'payet lea', '2014-03-02', false, false, :ine)"
)
GUARDIAN = text(
    f"INSERT INTO guardian {PERSON}, account_kept) VALUES (:id, 1, :key, 'PAYET', 'Marie', 'p', 'p', false)"
)
CHANGE = (
    "INSERT INTO identity_change (id, establishment_id, kind, siecle_id, former_student_id, present_student_id,"
    " former_guardian_id, present_guardian_id, reasons, found_at, seen_at, seen_by)"
    " VALUES (:id, 1, 'now_another', '1', :former, :present, :former_guardian, :present_guardian, '[]', '2026-11-28',"
    " :seen_at, :seen_by)"
)
AS_FOUND = {"former_guardian": None, "present_guardian": None, "seen_at": None, "seen_by": None}
INES = ("0123456789a", "012345678Ab", " 0123456789A", "0000000000A", "111111111BC", "1111111112C", "12", "", None)


def fill(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in SCHOOLS:
            connection.execute(text(row))
        for number, ine in enumerate(INES, start=1):
            connection.execute(STUDENT, {"id": number, "school": 1, "key": str(number), "ine": ine})
        connection.execute(STUDENT, {"id": 50, "school": 2, "key": "1", "ine": None})
        connection.execute(GUARDIAN, [{"id": 1, "key": "11"}, {"id": 2, "key": "12"}])


def test_ine_become_what_the_import_would_have_read_and_everybody_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0019")
    fill(database)
    schema.upgrade(database.engine, "0020")
    with database.engine.begin() as connection:
        read = (
            connection.execute(text("SELECT ine FROM student WHERE establishment_id = 1 ORDER BY id")).scalars().all()
        )
        assert read == [well_formed_ine(ine) for ine in INES]
        connection.execute(text(CHANGE), {"id": 1, "former": 1, "present": 2} | AS_FOUND)
        connection.execute(text("INSERT INTO second_key VALUES (1, '9', 1)"))
        connection.execute(text("UPDATE guardian SET siecle_id = '~1', former_siecle_id = '11' WHERE id = 1"))
    schema.downgrade(database.engine, "0019")
    assert not {"identity_change", "second_key"} & set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT siecle_id FROM guardian ORDER BY id")).scalars().all() == ["~1", "12"]
        assert connection.execute(text("SELECT count(*) FROM student")).scalar_one() == len(INES) + 1
    schema.upgrade(database.engine)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"present": 50}, "a student of another school"),
        ({"present": 1}, "one student twice"),
        ({"present": None}, "nobody now"),
        ({"former_guardian": 1, "present_guardian": 2}, "students and guardians at once"),
        ({"former": None, "present": None}, "nobody at all"),
        ({"former": None, "present": None, "former_guardian": 1, "present_guardian": 1}, "one guardian twice"),
        ({"seen_at": "2026-11-28"}, "seen by nobody"),
        ({"seen_by": "Mme Payet"}, "never seen by somebody"),
    ],
)
def test_the_table_refuses_what_no_rule_would_write(database: Database, changed: dict[str, object], why: str) -> None:
    fill(database)
    values = {"id": 1, "former": 1, "present": 2} | AS_FOUND
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(CHANGE), values | changed)


def test_a_second_key_is_of_a_student_of_its_own_school(database: Database) -> None:
    fill(database)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text("INSERT INTO second_key VALUES (1, '9', 50)"))
