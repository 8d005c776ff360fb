"""Fiches that were there lose the remarks in their names, and get them back: the base is otherwise the same."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from shared.duplicates.standing.replay import standing_fusions, take_apart
from shared.models.school import Guardian

BEFORE = "0013"
PERSON = "(id, establishment_id, siecle_id, family_name, usage_name, first_name, name_key, birth_name_key, name_flag"
ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (2, '9740002B', 'B', '2026-09-01')",
    f"INSERT INTO student {PERSON}, birth_date, scholarship, account_kept) VALUES (1, 1, '1', 'HOARAU (PLACE ASE)',"
    " NULL, 'Léo', 'hoarau leo', 'hoarau leo', 'comment', '2014-03-02', false, false)",
    f"INSERT INTO guardian {PERSON}, civility, account_kept) VALUES (1, 1, '11', 'HOARAU DCD', '-', 'Jean',"
    " 'jean', 'hoarau dcd jean', NULL, 'Monsieur', false)",
    f"INSERT INTO guardian {PERSON}, civility, account_kept) VALUES (2, 1, '12', 'PAYET', NULL, 'Marie',"
    " 'payet marie', 'payet marie', NULL, 'MME', false)",
    f"INSERT INTO guardian {PERSON}, civility, account_kept) VALUES (3, 1, '13', 'INCONNU', NULL, '',"
    " 'inconnu', 'inconnu', 'no_first_name', NULL, false)",
)
ASIDE = text(
    "INSERT INTO set_aside_fiche (guardian_id, establishment_id, columns, links) VALUES (2, 1, :columns, '{}')"
)
FICHES = text("SELECT family_name, usage_name, first_name FROM guardian ORDER BY id")
DECISION = text(
    "INSERT INTO hold_decision (establishment_id, guardian_id, student_id, note, answer, decided_at, decided_by)"
    " VALUES (:school, :guardian, :student, 'DCD', :answer, '2026-09-01', 'Mme Hoarau')"
)


def test_names_lose_their_remarks_and_get_them_back(database: Database) -> None:
    schema.downgrade(database.engine, BEFORE)
    aside = {"family_name": "PAYET (NE PAS CONTACTER)", "usage_name": None, "first_name": "Marie", "civility": "MLLE"}
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
        connection.execute(ASIDE, {"columns": json.dumps(aside)})
        before = connection.execute(FICHES).all()

    schema.upgrade(database.engine, "0014")
    with database.engine.begin() as connection:
        guardians = (
            "family_name, usage_name, first_name, name_key, birth_name_key, name_flag, civility, staff_note, hold"
        )
        read = connection.execute(text(f"SELECT {guardians} FROM guardian ORDER BY id")).all()
        assert read == [
            ("HOARAU", None, "Jean", "hoarau jean", "hoarau jean", "comment", "M.", "DCD", "deceased"),
            ("PAYET", None, "Marie", "payet marie", "payet marie", None, "MME", None, None),
            # Nothing there is a name: staff are told, and nothing is made up.
            ("INCONNU", None, "", "inconnu", "inconnu", "comment", None, None, None),
        ]
        child = connection.execute(text("SELECT family_name, staff_note, hold, written_family_name FROM student"))
        assert child.all() == [("HOARAU", "PLACE ASE", None, "HOARAU (PLACE ASE)")]
        connection.execute(DECISION, {"school": 1, "guardian": 1, "student": None, "answer": "write"})
        [columns] = connection.execute(text("SELECT columns FROM set_aside_fiche")).scalars()
        columns = columns if isinstance(columns, dict) else json.loads(columns)
        assert (columns["family_name"], columns["hold"], columns["civility"]) == ("PAYET", "do_not_write", "MME")

    schema.downgrade(database.engine, BEFORE)
    with database.engine.begin() as connection:
        assert connection.execute(FICHES).all() == before
        [columns] = connection.execute(text("SELECT columns FROM set_aside_fiche")).scalars()
        columns = columns if isinstance(columns, dict) else json.loads(columns)
        assert columns == aside | {
            "civility": "MME", "name_flag": "comment", "name_key": "payet marie", "birth_name_key": "payet marie"
        }  # fmt: skip
    schema.upgrade(database.engine)


def test_a_fiche_set_aside_by_the_version_before_is_read(database: Database) -> None:
    keys = {"name_key": "payet marie", "birth_name_key": "payet marie"}
    columns = {"family_name": "PAYET", "usage_name": None, "first_name": "Marie"} | keys
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
        connection.execute(ASIDE, {"columns": json.dumps(columns)})
    with database.writing() as session:
        assert standing_fusions(session, [2]) == []
        apart = take_apart(session, 1)
        assert apart.fiches[2].part("names")[:3] == ("PAYET", None, "Marie")
        assert session.get_one(Guardian, 2).hold is None


@pytest.mark.parametrize(
    ("school", "guardian", "student", "answer", "why"),
    [
        (2, 1, None, "write", "a fiche of another school"),
        (1, 1, 1, "write", "two fiches"),
        (1, None, None, "write", "no fiche"),
        (1, 1, None, "perhaps", "no answer"),
        (1, 2, None, "write", "decided already"),
    ],
)
def test_the_table_refuses_what_no_rule_would_write(
    database: Database, school: int, guardian: int | None, student: int | None, answer: str, why: str
) -> None:
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
        connection.execute(DECISION, {"school": 1, "guardian": 2, "student": None, "answer": "do_not_write"})
    row = {"school": school, "guardian": guardian, "student": student, "answer": answer}
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(DECISION, row)


def test_a_hold_is_one_of_those_that_are_known(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text("UPDATE guardian SET hold = 'asleep'"))
