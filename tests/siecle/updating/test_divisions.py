"""Codes of divisions are shown as they are written, and joined only where there is no doubt."""

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.establishments.codes.divisions import join_spellings
from shared.models.school import Division, Student
from tests.siecle.conftest import Import
from tests.siecle.written import SchoolFiles, block, document, element, placement, student, written


def structures(school: SchoolFiles, *codes: str):
    records = [element("DIVISION", {"LIBELLE_LONG": f"Classe {code}"}, {"CODE_STRUCTURE": code}) for code in codes]
    text = document("BEE_STRUCTURES", block("DIVISIONS", records))
    return written(school.folder / "Structures.xml", text)


def divisions(database: Database) -> dict[str, str]:
    """The division of each student, by key."""
    with database.reading() as session:
        rows = select(Student.siecle_id, Division.code).join(Division, Division.id == Student.division_id)
        return {row.siecle_id: row.code for row in session.execute(rows)}


def codes(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Division.code).where(Division.gone_at.is_(None))))


@pytest.fixture
def three(school: SchoolFiles) -> SchoolFiles:
    names = {1: "Léa", 2: "Tom", 3: "Zoé"}
    return school.changed(students=[student(key, PRENOM=name) for key, name in names.items()], links=[], guardians=[])


def test_a_code_is_shown_as_the_file_writes_it(database: Database, run_import: Import, three: SchoolFiles) -> None:
    placed = three.changed(placements=[placement(1, "6  A"), placement(2, "6b"), placement(3, "3EME 2")])
    run_import([placed.students_file()])
    assert divisions(database) == {"1": "6 A", "2": "6b", "3": "3EME 2"}


def test_a_school_that_has_both_has_two(database: Database, run_import: Import, three: SchoolFiles) -> None:
    placed = three.changed(placements=[placement(1, "6A"), placement(2, "6 A"), placement(3, "6a")])
    run_import([placed.students_file()])
    assert divisions(database) == {"1": "6A", "2": "6 A", "3": "6a"}


@pytest.mark.parametrize("together", [True, False])
def test_two_files_that_write_one_division_in_two_ways_speak_of_one(
    database: Database, run_import: Import, three: SchoolFiles, together: bool
) -> None:
    placed = three.changed(placements=[placement(key, "6A") for key in (1, 2, 3)])
    files = [structures(three, "6 A"), placed.students_file()]
    for paths in [files] if together else [[path] for path in files]:
        run_import(paths)
    assert len(set(divisions(database).values())) == 1
    assert codes(database) == ({"6 A"} if together else {"6A"})
    with database.reading() as session:
        assert session.scalars(select(Division.label)).all() == ["Classe 6 A"]


def test_two_divisions_of_the_structures_are_not_joined_by_one_of_the_students(
    database: Database, run_import: Import, three: SchoolFiles
) -> None:
    placed = three.changed(placements=[placement(1, "6A"), placement(2, "6 A"), placement(3, "6A")])
    run_import([structures(three, "6A", "6 A"), placed.students_file()])
    assert divisions(database) == {"1": "6A", "2": "6 A", "3": "6A"}


def test_a_division_written_otherwise_next_time_is_the_same_row(
    database: Database, run_import: Import, three: SchoolFiles
) -> None:
    run_import([three.changed(placements=[placement(1, "6A")]).students_file()])
    with database.reading() as session:
        (before,) = session.scalars(select(Division.id)).all()
    report = run_import([three.changed(placements=[placement(1, "6 A")]).students_file()])
    with database.reading() as session:
        assert session.execute(select(Division.id, Division.code)).all() == [(before, "6 A")]
    assert (report.divisions.created, report.divisions.updated, report.divisions.gone) == (0, 1, 0)
    assert report.students.updated == 0


def test_a_base_that_has_both_keeps_both(database: Database, run_import: Import, three: SchoolFiles) -> None:
    run_import([three.changed(placements=[placement(1, "6A"), placement(2, "6 A")]).students_file()])
    run_import([three.changed(placements=[placement(1, "6A"), placement(2, "6A")]).students_file()])
    assert divisions(database) == {"1": "6A", "2": "6A"}
    run_import([three.changed(placements=[placement(1, "6A"), placement(2, "6 A")]).students_file()])
    assert divisions(database) == {"1": "6A", "2": "6 A"}


def test_nothing_is_joined_where_a_file_writes_it_twice() -> None:
    assert join_spellings({"6A", "6 A"}, {"6a"}, set()) == ({}, {})
    assert join_spellings(set(), {"6A", "6 A"}, {"6a"}) == ({}, {})
    assert join_spellings({"6 A"}, {"6a"}, {"6A"}) == ({"6a": "6 A"}, {"6A": "6 A"})
    assert join_spellings({"6 A"}, {"6 A"}, {"6A", "6a"}) == ({}, {})
