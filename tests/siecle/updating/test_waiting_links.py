"""Links wait for their students at every import, whatever the order of the files (case 06 of the rentrée)."""

from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models.school import Guardian, Guardianship, Student, WaitingLink
from tests.siecle.conftest import Import
from tests.siecle.written import SchoolFiles, guardian, link, placement, student

CASE = Path(__file__).parents[1] / "cases" / "06-order-rentree"
NOW = datetime(2026, 9, 5, 8, 0, tzinfo=UTC)


def links(database: Database) -> set[tuple[str, str]]:
    """The links that stand, by the keys of their ends."""
    with database.reading() as session:
        rows = select(Student.siecle_id, Guardian.siecle_id).join_from(Student, Guardianship).join(Guardian)
        return {tuple(row) for row in session.execute(rows.where(Guardianship.gone_at.is_(None)))}


def waiting(database: Database) -> set[str]:
    """The keys of the students that links wait for."""
    with database.reading() as session:
        return set(session.scalars(select(WaitingLink.student_siecle_id)))


@pytest.mark.parametrize("order", list(permutations(("r2.xml", "e2.xml"))), ids="-".join)
def test_the_mother_of_a_newcomer_has_her_link_whatever_file_comes_first(
    database: Database, run_import: Import, order: tuple[str, ...]
) -> None:
    run_import([CASE / "e.xml", CASE / "r.xml"], now=NOW)
    reports = [run_import([CASE / name], now=NOW) for name in order]

    assert links(database) == {("1", "101"), ("3", "103")}
    assert waiting(database) == set()
    assert [report.findings.errors.count for report in reports] == [0, 0]
    assert reports[-1].waiting_links == 0


def test_the_import_tells_how_many_links_wait(database: Database, run_import: Import) -> None:
    run_import([CASE / "e.xml", CASE / "r.xml"], now=NOW)
    report = run_import([CASE / "r2.xml"], now=NOW)

    assert (report.waiting_links, waiting(database)) == (1, {"3"})
    assert any(sentence.startswith("1 lien attend un élève") for sentence in report.findings.warnings.kept)
    assert report.as_json()["waiting_links"] == 1


def test_a_link_still_waits_when_the_students_file_does_not_have_its_student_either(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.both())
    two = school.changed(links=[link(), link(2, 11), link(3, 11)])
    run_import([two.guardians_file()])
    report = run_import([school.changed(students=[student(1), student(2)]).students_file()])

    assert links(database) == {("1", "11"), ("2", "11")}
    assert (report.waiting_links, waiting(database)) == (1, {"3"})
    assert any("l'élève 3" in sentence for sentence in report.findings.errors.kept)
    run_import([school.changed(students=[student(key) for key in (1, 2, 3)]).students_file()])
    assert links(database) == {("1", "11"), ("2", "11"), ("3", "11")}


def test_a_link_that_the_newer_file_does_not_have_waits_no_more(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.both())
    run_import([school.changed(links=[link(), link(2, 11)]).guardians_file()])
    run_import([school.guardians_file()])

    assert waiting(database) == set()
    run_import([school.changed(students=[student(1), student(2)]).students_file()])
    assert links(database) == {("1", "11")}


def test_the_link_to_a_student_who_left_waits_until_he_is_back(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    two = school.changed(
        students=[student(1), student(2)],
        placements=[placement(1, "6A"), placement(2, "6A")],
        guardians=[guardian(11), guardian(12)],
        links=[link(1, 11), link(2, 12)],
    )
    run_import(two.both())
    run_import([school.students_file()])
    run_import([two.guardians_file()])
    assert waiting(database) == {"2"}

    run_import([two.students_file()])

    assert links(database) == {("1", "11"), ("2", "12")}
    assert waiting(database) == set()
