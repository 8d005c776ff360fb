"""R31: an INE that a file holds twice is one student once, or counts for nobody; in two schools it is not enough."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import STUDENTS
from shared.database import Database
from shared.journal import COMMAND
from shared.models.accounts import Account
from shared.models.imports.identity import IdentityChange, IdentityChangeKind, SecondKey
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.siecle.report import ImportReport
from tests.factories import at_desk, make_account
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import SchoolFiles, guardian, link, link_2019, placement, student

INE = "0123456789A"
LEO = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Léo", "DATE_NAISS": "12/03/2013", "CODE_SEXE": "1", "ID_NATIONAL": INE}
ZOE = {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Zoé", "DATE_NAISS": "05/06/2014", "CODE_SEXE": "2", "ID_NATIONAL": INE}


@pytest.fixture
def twice(tmp_path: Path) -> SchoolFiles:
    """Léo under two keys, his mother linked to the first and his father to the second."""
    return SchoolFiles(
        tmp_path / "twice",
        students=[student(1, **LEO), student(2, **LEO)],
        placements=[placement(2, "6A")],
        grants=['<BOURSE ELEVE_ID="2"><CODE_BOURSE>04</CODE_BOURSE></BOURSE>'],
        guardians=[guardian(101, PRENOM="Anne"), guardian(102, PRENOM="Paul", LC_CIVILITE="M.", MEL=None)],
        links=[link(1, 101), link(2, 101), link(2, 102, 2)],
        addresses=[],
    )


def children(database: Database) -> set[tuple[str, str, int | None]]:
    """Each guardian with each child who is there, and the rank."""
    with database.reading() as session:
        rows = session.execute(
            select(Guardian.first_name, Student.siecle_id, Guardianship.legal_rank)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .join(Student, Student.id == Guardianship.student_id)
            .where(Guardianship.gone_at.is_(None), Student.gone_at.is_(None))
        )
        return {(name, child, rank) for name, child, rank in rows}


def warned(report: ImportReport, *words: str) -> bool:
    return any(all(word in one for word in words) for one in report.findings.warnings.kept)


def generate(database: Database, sealer: Sealer, uai: str = "9740001A") -> list[str]:
    with database.writing() as session:
        school = session.scalars(select(Establishment).where(Establishment.uai == uai)).one()
        generate_accounts(at_desk(session, school.id, actor=COMMAND), STUDENTS, sealer)
        found = select(Account.identifier).join(Student, Student.account_id == Account.id)
        return list(session.scalars(found.where(Student.establishment_id == school.id).order_by(Account.identifier)))


def test_one_student_under_two_keys_is_one_fiche_with_the_links_of_both(
    database: Database, run_import: Import, twice: SchoolFiles, sealer: Sealer
) -> None:
    report = run_import(twice.both())
    lines = [number for number, line in enumerate(twice.students_text().splitlines(), 1) if line.startswith("<ELEVE ")]
    assert warned(
        report,
        f"lignes {lines[0]} et {lines[1]}",
        "les élèves 1 et 2 sont un seul élève, Léo HOARAU",
        "sous le numéro 1",
    )
    assert report.findings.errors.count == 0
    assert children(database) == {("Anne", "1", 1), ("Paul", "1", 2)}
    with database.reading() as session:
        leo = session.scalars(select(Student)).one()
        assert (leo.ine, leo.scholarship) == (INE, True)
        assert leo.division is not None
        assert leo.division.code == "6A"
    assert generate(database, sealer) == ["l.hoarau"]


def test_so_it_is_in_whatever_order_the_files_come(database: Database, run_import: Import, twice: SchoolFiles) -> None:
    run_import([twice.guardians_file()])
    run_import([twice.students_file()])
    assert children(database) == {("Anne", "1", 1), ("Paul", "1", 2)}
    report = run_import([twice.guardians_file()])
    assert report.findings.errors.count == 0
    assert report.links.gone == 0
    assert children(database) == {("Anne", "1", 1), ("Paul", "1", 2)}


def test_ranks_are_worked_out_among_the_links_of_both_keys(
    database: Database, run_import: Import, twice: SchoolFiles
) -> None:
    links = [link_2019(1, 101, pays=True), link_2019(2, 102, pays=True)]
    run_import(twice.changed(links=links).both())
    assert children(database) == {("Anne", "1", 1), ("Paul", "1", 2)}


def test_the_same_files_again_change_nothing(run_import: Import, dump: Dump, twice: SchoolFiles) -> None:
    run_import(twice.both())
    before = dump()
    report = run_import(twice.both())
    assert all(one["created"] == one["updated"] == one["gone"] == 0 for one in report.counts.values())
    after = dump()
    kept = set(before) - {"journal_event", "last_export"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_the_fiche_with_an_account_stays_and_the_other_is_shown_to_whoever_looks(
    database: Database, run_import: Import, twice: SchoolFiles
) -> None:
    """As in a base of before: both fiches are there, each with an account, and the second is the one in use."""
    run_import(twice.changed(students=[student(1, **LEO), student(2, **(LEO | {"ID_NATIONAL": None}))]).both())
    with database.writing() as session:
        first, second = session.scalars(select(Student).order_by(Student.siecle_id))
        make_account(session, "l.hoarau1", second)
    report = run_import(twice.both())
    assert (report.students.gone, report.students.created) == (1, 0)
    assert children(database) == {("Anne", "2", 1), ("Paul", "2", 2)}
    with database.reading() as session:
        (change,) = session.scalars(select(IdentityChange))
        assert (change.kind, change.siecle_id) == (IdentityChangeKind.NOW_ONE, "1")
        assert (change.former_student_id, change.present_student_id) == (first.id, second.id)
        assert session.execute(select(SecondKey.siecle_id, SecondKey.student_id)).one() == ("1", second.id)


def test_a_second_key_that_stays_alone_is_the_same_student(
    database: Database, run_import: Import, twice: SchoolFiles
) -> None:
    run_import(twice.both())
    alone = twice.changed(students=[student(2, **LEO)], links=[link(2, 101), link(2, 102, 2)])
    report = run_import(alone.both())
    assert (report.students.created, report.students.gone) == (0, 0)
    assert children(database) == {("Anne", "2", 1), ("Paul", "2", 2)}


def test_an_ine_of_two_students_counts_for_neither(
    database: Database, run_import: Import, twice: SchoolFiles, sealer: Sealer
) -> None:
    report = run_import(twice.changed(students=[student(1, **LEO), student(2, **ZOE)]).both())
    assert warned(report, "lignes", "1 (Léo HOARAU) et 2 (Zoé PAYET)", "même INE", "Il ne compte pour aucun")
    with database.reading() as session:
        assert list(session.scalars(select(Student.ine))) == [None, None]
    assert generate(database, sealer) == ["l.hoarau", "z.payet"]


def test_a_whole_class_with_one_ine_is_said_in_one_sentence(
    database: Database, run_import: Import, twice: SchoolFiles
) -> None:
    many = [student(key, **(LEO | {"PRENOM": f"Léo {key}"})) for key in range(1, 200)]
    report = run_import(twice.changed(students=many).both())
    assert warned(report, "199 élèves ont le même INE")
    assert sum("INE" in one for one in report.findings.warnings.kept) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Student.ine.is_not(None))) == 0


@pytest.mark.parametrize(
    ("changed", "is_the_same"),
    [
        ({"ID_NATIONAL": "0123456789a", "NOM_USAGE": "PAYET"}, True),
        ({"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Zoé", "DATE_NAISS": "05/06/2014"}, False),
        ({"DATE_NAISS": "13/03/2013"}, False),
        ({"PRENOM": "Lou"}, False),
    ],
)
def test_an_ine_known_in_another_school_is_warned_of_unless_it_is_the_same_student(
    run_import: Import, twice: SchoolFiles, changed: dict[str, Any], is_the_same: bool
) -> None:
    run_import(twice.changed(students=[student(1, **LEO)]).both())
    child = student(7, **(LEO | changed))
    there = twice.changed(folder=twice.folder.with_name("there"), uai="9740002B", students=[child])
    report = run_import([there.students_file()])
    assert warned(report, "L'élève 7", "a l'INE d'un autre élève de l'académie") is not is_the_same
    # Nothing of the other school is told.
    assert not warned(report, "9740001A")
    assert not warned(report, "12/03/2013")
