"""The same school, imported many times a year: what changed, what came, what left; what staff decided stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountKind, AccountState, Identifier
from shared.models.school import Division, Establishment, Guardian, Guardianship, LastExport, Student
from shared.siecle.asked import Asked, Steps
from shared.siecle.importing import import_files
from tests.siecle.conftest import NOW, Dump, Import
from tests.siecle.written import SchoolFiles, guardian, link, placement, student

LATER = datetime(2025, 10, 1, 8, 0, tzinfo=UTC)
BASE = ("establishment", "division", "student", "guardian", "guardianship", "waiting_link")


def gone(database: Database, model: type[Student] | type[Guardian] | type[Guardianship] | type[Division]) -> list[bool]:
    with database.reading() as session:
        return sorted(row.gone_at is not None for row in session.scalars(select(model)))


def test_what_vanishes_is_marked_gone_and_what_returns_is_there_again(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    both = school.changed(
        students=[student(1), student(2, PRENOM="Zoé")],
        placements=[placement(1, "6 A"), placement(2, "5B")],
        guardians=[guardian(11, ADRESSE_ID=21), guardian(12)],
        links=[link(1, 11), link(2, 12)],
    )
    run_import(both.both())
    report = run_import(school.both(), now=LATER)
    assert [counts["gone"] for counts in report.counts.values()] == [1, 1, 1, 1]
    for model in (Student, Guardian, Guardianship, Division):
        assert gone(database, model) == [False, True]
    with database.reading() as session:
        assert session.scalars(select(Student.gone_at).where(Student.siecle_id == "2")).one() == LATER
    report = run_import(both.both())
    assert [(counts["created"], counts["updated"]) for counts in report.counts.values()] == [(0, 1)] * 4
    for model in (Student, Guardian, Guardianship, Division):
        assert gone(database, model) == [False, False]


def test_only_what_changed_is_updated(database: Database, run_import: Import, school: SchoolFiles) -> None:
    two = school.changed(students=[student(1), student(2, PRENOM="Zoé")])
    run_import(two.both())
    report = run_import(
        two.changed(students=[student(1), student(2, PRENOM="Zoé", NOM_USAGE="HOARAU")], links=[link(1, 11, 2)]).both()
    )
    assert (report.students.updated, report.guardians.updated, report.links.updated) == (1, 0, 1)
    with database.reading() as session:
        renamed = session.scalars(select(Student).where(Student.siecle_id == "2")).one()
        assert (renamed.usage_name, renamed.name_key, renamed.birth_name_key) == ("HOARAU", "hoarau zoe", "payet zoe")


def test_what_staff_decided_stays(database: Database, run_import: Import, school: SchoolFiles, sealer: Sealer) -> None:
    run_import(school.both())
    with database.writing() as session:
        session.add(Identifier(value="m.payet", given_at=NOW))
        session.flush()
        account = Account(
            kind=AccountKind.GUARDIAN,
            identifier="m.payet",
            state=AccountState.NOT_NOTIFIED,
            initial_password=sealer.seal("k7mq-x2hd-9wtb"),
            created_at=NOW,
            expires_on=LATER.date(),
        )
        session.add(account)
        session.flush()
        session.execute(update(Guardian).values(account_id=account.id, account_kept=True))
    run_import(school.changed(guardians=[guardian(PRENOM="Marie-Anne")]).both())
    other = guardian(12, PRENOM="Paul", LC_CIVILITE="M.", MEL=None)
    run_import(school.changed(guardians=[other], links=[link(1, 12)]).both())
    with database.reading() as session:
        parent = session.scalars(select(Guardian).where(Guardian.siecle_id == "11")).one()
        assert (parent.first_name, parent.account_id is not None, parent.account_kept) == ("Marie-Anne", True, True)
        assert parent.gone_at is not None
        assert session.scalars(select(Account.state)).one() == AccountState.NOT_NOTIFIED


def test_an_export_without_addresses_keeps_those_already_known(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.both())
    report = run_import(school.changed(addresses=[], guardians=[guardian(TEL_PORTABLE="0692000000")]).both())
    assert any("pas d'adresses" in warning for warning in report.findings.warnings.kept)
    with database.reading() as session:
        parent = session.scalars(select(Guardian)).one()
    assert (parent.city, parent.mobile_phone) == ("SAINT DENIS", "0692 00 00 00")


def test_an_address_that_is_not_in_the_file_is_warned_of(run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(guardians=[guardian(ADRESSE_ID=99)]).both())
    assert any("l'adresse de 1 personne " in warning for warning in report.findings.warnings.kept)


def test_a_school_that_loses_more_people_than_it_keeps_is_warned_of(run_import: Import, school: SchoolFiles) -> None:
    three = [student(key) for key in (1, 2, 3)]
    run_import(school.changed(students=three).both())
    report = run_import(school.both())
    assert any("2 élèves ne sont plus" in warning for warning in report.findings.warnings.kept)
    assert not any(
        "ne sont plus" in w for w in run_import(school.changed(students=three).both()).findings.warnings.kept
    )


def test_the_date_of_the_last_export_is_remembered(database: Database, run_import: Import, school: SchoolFiles) -> None:
    run_import(school.both())
    run_import(school.changed(stamp="20/09/2025 09:00:00").both(), now=LATER)
    with database.reading() as session:
        found = session.execute(select(LastExport.exported_at, LastExport.imported_at)).all()
    assert [tuple(row) for row in found] == [(datetime(2025, 9, 20, 9, 0), LATER)] * 2  # noqa: DTZ001


def test_a_student_who_is_not_in_the_students_file_cannot_be_linked_again(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    two = school.changed(students=[student(1), student(2)], links=[link(1, 11), link(2, 11)])
    run_import(two.both())
    report = run_import(two.changed(students=[student(1)]).both())
    assert (report.students.gone, report.links.gone, report.findings.errors.count) == (1, 1, 1)


def test_others_can_write_while_the_files_are_read(database: Database, run_import: Import, school: SchoolFiles) -> None:
    run_import(school.both())
    others = 0

    def write_meanwhile(_read: int) -> None:
        nonlocal others
        with database.writing() as session:
            session.execute(update(Establishment).values(city=f"{others}"))
        others += 1

    many = school.changed(students=[student(key) for key in range(1, 1_200)])
    assert run_import(many.both(), Steps(progress=write_meanwhile)).students.created == 1_198
    assert others == 2


def test_nothing_is_left_of_the_temporary_tables(database: Database, run_import: Import, school: SchoolFiles) -> None:
    for _ in range(3):
        run_import(school.both())
    with database.reading() as session, pytest.raises(Exception, match="staged_student"):
        session.execute(text("SELECT * FROM staged_student"))


Content = tuple[dict[int, str], dict[int, str], dict[tuple[int, int], int]]
"""Students and guardians by key, and the ranks of the links by the keys of their ends."""

names = st.text(st.characters(codec="iso-8859-15", categories=["Lu", "Ll"]), min_size=1, max_size=12)
people = st.dictionaries(st.integers(1, 6), names, min_size=1, max_size=6)
ties = st.dictionaries(st.tuples(st.integers(1, 7), st.integers(1, 7)), st.sampled_from([0, 1, 2]), max_size=12)


@st.composite
def schools(draw: st.DrawFn) -> Content:
    """Students, guardians, and links of which some lead to nobody."""
    return draw(people), draw(people), draw(ties.filter(bool))


def _files(folder: Path, content: Content) -> list[Path]:
    students, guardians, links = content
    return SchoolFiles(
        folder,
        students=[student(key, NOM_DE_FAMILLE=name) for key, name in students.items()],
        placements=[placement(key, f"{key % 3}A") for key in students],
        guardians=[guardian(key, PRENOM=name) for key, name in guardians.items()],
        links=[link(*ends, rank) for ends, rank in links.items()],
    ).both()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=schools(), content=schools())
def test_importing_twice_is_importing_once(
    database: Database,
    dump: Dump,
    tmp_path: Path,
    before: Content,
    content: Content,
) -> None:
    def run(files: list[Path]) -> dict[str, dict[str, int]]:
        report = import_files(database, files, Asked(actor=COMMAND, now=NOW, accept_older=True))
        return report.counts

    run(_files(tmp_path / "before", before))
    run(_files(tmp_path / "content", content))
    once = dump()
    counts = run(_files(tmp_path / "content", content))
    twice = dump()
    assert {table: once[table] for table in BASE} == {table: twice[table] for table in BASE}
    assert all(count["created"] == count["updated"] == count["gone"] == 0 for count in counts.values())
    students, guardians, links = content
    with database.reading() as session:
        present = set(session.scalars(select(Student.siecle_id).where(Student.gone_at.is_(None))))
        linked = session.execute(
            select(Student.siecle_id, Guardian.siecle_id)
            .join(Guardianship, Guardianship.student_id == Student.id)
            .join(Guardian, Guardianship.guardian_id == Guardian.id)
            .where(Guardianship.gone_at.is_(None))
        ).all()
    assert present == set(map(str, students))
    assert {tuple(row) for row in linked} == {
        (str(child), str(parent)) for child, parent in links if child in students and parent in guardians
    }
