"""R32: imports that would hurt ask first, and tell whom they change."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from shared.database import Database
from shared.models.imports.changes import ImportChange, ImportRun, PersonChange
from shared.models.school import LastExport, Student
from shared.siecle.effects.asking import LossesNotAccepted
from shared.siecle.losses import (
    Affected,
    Dated,
    Known,
    Loss,
    Sort,
    doubts_about,
    losses_of,
    mark_of,
    school_year_of,
)
from shared.siecle.report import ImportRefused, ImportReport
from tests.siecle.big_school import FAMILIES, big_school, child, name_of, parent
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import SchoolFiles, placement
from tests.statements import sent

CASE = Path(__file__).parent / "cases" / "05-school-year"
NOW = datetime(2026, 9, 5, 8, 0, tzinfo=UTC)
TODAY = date(2026, 9, 5)
STAYING = range(1, 21)
"""Two thirds of the families."""


def kinds(losses: Sequence[Loss]) -> list[str]:
    return [loss.kind for loss in losses]


def refused(run_import: Import, paths: Sequence[Path], **options: object) -> ImportReport:
    """The report of an import that asks for a confirmation, whose dry run says the same."""
    with pytest.raises(LossesNotAccepted) as raised:
        run_import(paths, **options)
    dry = run_import(paths, dry_run=True, **options)
    assert [loss.sentence for loss in dry.losses] == [loss.sentence for loss in raised.value.report.losses]
    return raised.value.report


def told(report: ImportReport) -> dict[tuple[str, str], int]:
    return {(one.sort.value, one.change.value): one.count for one in report.changes}


# What is too much, without a base


@pytest.mark.parametrize(
    ("count", "present", "asks"),
    [(10, 99, True), (10, 100, False), (11, 100, True), (9, 9, False), (10, 10, True), (250, 2500, False)],
)
def test_more_than_a_tenth_and_at_least_ten_is_too_much(count: int, present: int, asks: bool) -> None:
    left = [Affected(Sort.STUDENTS, PersonChange.LEFT, count)]
    assert bool([*losses_of({Sort.STUDENTS: Known(present, 0, count)}, left)]) is asks
    changed = [Affected(Sort.GUARDIANS, PersonChange.EMAIL, count)]
    assert bool([*losses_of({Sort.GUARDIANS: Known(2 * present, present, 0)}, changed)]) is asks


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_what_is_asked_about_is_said_with_numbers(count: int, present: int) -> None:
    count = min(count, present)
    found = [
        *losses_of({Sort.GUARDIANS: Known(present, 0, count)}, [Affected(Sort.GUARDIANS, PersonChange.LEFT, count)])
    ]
    assert bool(found) is (count >= 10 and count * 10 > present)
    for loss in found:
        assert f"{loss.count:,}".replace(",", "\u202f") in loss.sentence
        assert "\u00a0%" in loss.sentence


def test_other_losses_have_another_mark() -> None:
    one = Loss("student_left", "12 élèves", "12 élèves", 12, ("Léa",))
    assert mark_of([one]) != mark_of([Loss("student_left", "12 élèves", "12 élèves", 12, ("Tom",))])
    assert mark_of([one]) == mark_of([Loss("student_left", "12 élèves", "12 élèves", 12, ("Léa",))])


@pytest.mark.parametrize(
    ("files", "known", "found"),
    [
        ([("e", 2026, 3), ("r", 2026, 3)], 2026, []),
        ([("e", 2026, 3), ("r", 2026, 3)], None, []),
        ([("e", 2025, 3)], 2026, ["school_year"]),
        ([("e", 2026, 3), ("r", 2025, 3)], None, ["two_school_years"]),
        ([("e", 2026, 3), ("r", 2025, 3)], 2026, ["two_school_years", "school_year"]),
        ([("e", 2027, 3)], 2026, []),
        ([("e", 2026, 5)], 2026, []),
        ([("e", 2026, 6)], 2026, ["future_export"]),
        ([("e", None, None)], 2026, []),
    ],
)
def test_years_and_days_that_make_no_sense_are_doubted(
    files: list[tuple[str, int | None, int | None]], known: int | None, found: list[str]
) -> None:
    dated = [Dated(label, year, date(2026, 9, day) if day else None) for label, year, day in files]
    assert kinds([*doubts_about(dated, known, TODAY)]) == found


@pytest.mark.parametrize(
    ("written", "exported_on", "year"),
    [
        ("2026", None, 2026),
        ("2026-2027", None, 2026),
        ("", date(2026, 9, 1), 2026),
        ("?", date(2026, 5, 31), 2025),
        (None, date(2026, 7, 1), None),
        (None, None, None),
        ("٢٠٢٦", None, None),
    ],
)
def test_the_school_year_is_that_of_the_file_else_of_its_day_where_it_is_sure(
    written: str | None, exported_on: date | None, year: int | None
) -> None:
    assert school_year_of(written, exported_on) == year


# On a base


@pytest.fixture
def families(run_import: Import, tmp_path: Path) -> SchoolFiles:
    """Thirty of them, imported."""
    files = big_school(tmp_path / "whole")
    assert run_import(files.both()).losses == []
    return files


def test_a_first_import_loses_nothing_and_tells_who_arrives(run_import: Import, tmp_path: Path) -> None:
    report = run_import(big_school(tmp_path).both())

    assert report.losses == []
    assert told(report) == {("student", "arrived"): 30, ("guardian", "arrived"): 30}


def test_the_same_files_again_change_nobody(run_import: Import, families: SchoolFiles) -> None:
    assert told(run_import(families.both())) == {}


@pytest.mark.both_databases
def test_an_export_without_a_third_of_the_school_asks_first(
    database: Database, run_import: Import, families: SchoolFiles, dump: Dump, tmp_path: Path
) -> None:
    before = dump()
    partial = big_school(tmp_path / "partial", STAYING)
    report = refused(run_import, partial.both())

    assert dump() == before
    assert kinds(report.losses) == ["student_left", "guardian_left"]
    students = report.losses[0]
    assert "10 élèves ne sont plus là (33\u00a0% des 30 élèves connus)" in students.sentence
    assert f"Tom {name_of(21)} (6A)" in students.names

    done = run_import(partial.both(), accept_losses=True)
    assert kinds(done.losses) == ["student_left", "guardian_left"]
    assert told(done) == {("student", "left"): 10, ("guardian", "left"): 10}
    with database.reading() as session:
        run = session.get_one(ImportRun, done.run_id)
        assert (run.loses, run.seen_at, len(run.losses)) == (True, None, 2)
        kept = session.scalars(
            select(Student.siecle_id).join(ImportChange).where(ImportChange.run_id == run.id).order_by(ImportChange.id)
        )
        assert set(kept) == {str(number) for number in FAMILIES if number not in STAYING}


def test_a_confirmation_is_good_for_just_these_losses(
    run_import: Import, families: SchoolFiles, tmp_path: Path
) -> None:
    partial = big_school(tmp_path / "partial", STAYING)
    mark = mark_of(refused(run_import, partial.both()).losses)
    with pytest.raises(LossesNotAccepted):
        run_import(big_school(tmp_path / "less", range(1, 19)).both(), accept_losses=mark)
    assert run_import(partial.both(), accept_losses=mark).students.gone == 10


def test_other_names_ask_first(run_import: Import, families: SchoolFiles, tmp_path: Path) -> None:
    renamed = [parent(number, NOM_DE_FAMILLE=f"PAYET{name_of(number)}") for number in FAMILIES]
    report = refused(run_import, families.changed(guardians=renamed, folder=tmp_path / "2").both())

    assert kinds(report.losses) == ["guardian_renamed"]
    assert report.losses[0].names[0] == f"Marie {name_of(1)} → Marie PAYET{name_of(1)}"


def test_links_that_are_lost_ask_first(run_import: Import, families: SchoolFiles, tmp_path: Path) -> None:
    without = big_school(tmp_path / "without", linked=STAYING)
    assert kinds(refused(run_import, without.both()).losses) == ["student_unlinked", "guardian_unlinked"]
    contacts = [one.replace("<RESP_LEGAL>1<", "<RESP_LEGAL>0<") for one in families.links]
    no_legal = families.changed(links=contacts, folder=tmp_path / "contacts")
    assert kinds(refused(run_import, [no_legal.guardians_file()]).losses) == ["student_unlinked", "guardian_unlinked"]


@pytest.mark.parametrize("address", [None, "autre{}@example.org"])
def test_e_mail_addresses_that_change_or_vanish_ask_first(
    run_import: Import, families: SchoolFiles, tmp_path: Path, address: str | None
) -> None:
    changed = [parent(n, MEL=address.format(n) if address else None) if n > 20 else parent(n) for n in FAMILIES]
    report = refused(run_import, families.changed(guardians=changed, folder=tmp_path / "2").both())

    assert kinds(report.losses) == ["guardian_email"]
    assert "example.org" not in " ".join(report.losses[0].names)


def test_an_address_in_other_letters_is_the_same(run_import: Import, families: SchoolFiles, tmp_path: Path) -> None:
    capitals = [parent(number, MEL=f"M{number}@Example.ORG") for number in FAMILIES]
    assert run_import(families.changed(guardians=capitals, folder=tmp_path / "2").both()).losses == []


def test_six_who_leave_and_six_who_are_renamed_are_twelve(
    run_import: Import, families: SchoolFiles, tmp_path: Path
) -> None:
    fewer = big_school(tmp_path / "2", range(1, 25))
    fewer.students[:6] = [child(number, NOM_DE_FAMILLE=f"PAYET{name_of(number)}") for number in range(1, 7)]
    assert kinds(refused(run_import, [fewer.students_file()]).losses) == ["student_left", "student_renamed"]


def test_a_few_who_leave_are_told_and_ask_nothing(run_import: Import, families: SchoolFiles, tmp_path: Path) -> None:
    fewer = big_school(tmp_path / "2", [*range(1, 28), 40])
    fewer.placements[0] = placement(1, "4C")
    report = run_import(fewer.both())

    assert report.losses == []
    assert told(report)["student", "left"] == 3
    assert told(report)["student", "arrived"] == told(report)["student", "moved"] == 1
    [moved] = [one for one in report.changes if one.change is PersonChange.MOVED]
    assert moved.names == [f"Tom {name_of(1)} (6A → 4C)"]


def test_students_who_left_on_a_day_that_is_past_have_left(
    run_import: Import, families: SchoolFiles, tmp_path: Path
) -> None:
    gone = [child(number, DATE_SORTIE="10/09/2025") for number in FAMILIES]
    assert kinds(
        refused(run_import, [families.changed(students=gone, folder=tmp_path / "2").students_file()]).losses
    ) == ["student_left"]


def test_half_of_the_students_renumbered_lose_nothing(
    run_import: Import, families: SchoolFiles, tmp_path: Path
) -> None:
    half = {number: number + 1000 * (number % 2) for number in FAMILIES}
    files = families.changed(folder=tmp_path / "2")
    files.students = [
        child(number).replace(f'ELEVE_ID="{number}"', f'ELEVE_ID="{half[number]}"') for number in FAMILIES
    ]
    files.placements = [placement(half[number], "6A" if number % 2 else "5B") for number in FAMILIES]
    files.links = [
        one.replace(f"<ELEVE_ID>{number}<", f"<ELEVE_ID>{half[number]}<")
        for number, one in zip(FAMILIES, families.links, strict=True)
    ]
    assert told(run_import(files.both())) == {}


# School years (case 05) and days


def test_files_of_an_earlier_school_year_ask_first(database: Database, run_import: Import, dump: Dump) -> None:
    run_import([CASE / "e.xml", CASE / "r.xml"], now=NOW)
    before = dump()
    report = refused(run_import, [CASE / "e2.xml", CASE / "r2.xml"], now=NOW)

    assert dump() == before
    assert kinds(report.losses) == ["school_year"]
    assert "2025-2026" in report.losses[0].sentence
    assert "2026-2027" in report.losses[0].sentence
    run_import([CASE / "e2.xml", CASE / "r2.xml"], now=NOW, accept_losses=True)
    with database.reading() as session:
        assert set(session.scalars(select(LastExport.school_year))) == {2025}


@pytest.mark.parametrize("first", [True, False])
def test_files_of_two_school_years_ask_first(run_import: Import, dump: Dump, first: bool) -> None:
    if not first:
        run_import([CASE / "e.xml", CASE / "r.xml"], now=NOW)
    before = dump()
    report = refused(run_import, [CASE / "e.xml", CASE / "r2.xml"], now=NOW)

    assert dump() == before
    assert kinds(report.losses)[0] == "two_school_years"


def test_one_file_of_the_year_before_exported_the_day_before_asks_first(
    run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.changed(stamp="01/09/2025 08:00:00").both())
    earlier = school.changed(stamp="02/09/2025 08:00:00", year="2024")
    assert kinds(refused(run_import, [earlier.guardians_file()]).losses) == ["school_year"]
    unsaid = school.changed(stamp="31/05/2025 08:00:00", year=None)
    with pytest.raises(LossesNotAccepted):
        run_import([unsaid.students_file()], accept_older=True)


def test_the_file_of_the_next_year_asks_nothing(run_import: Import, school: SchoolFiles) -> None:
    run_import(school.changed(stamp="02/07/2025 08:00:00", year="2024").both())
    next_year = school.changed(stamp="02/09/2025 08:00:00")
    assert run_import([next_year.students_file()]).losses == []
    assert run_import([next_year.guardians_file()]).losses == []


def test_an_export_of_a_day_to_come_asks_first(run_import: Import, school: SchoolFiles, dump: Dump) -> None:
    before = dump()
    report = refused(run_import, school.changed(stamp="16/09/2025 00:00:01").both())

    assert dump() == before
    assert kinds(report.losses) == ["future_export", "future_export"]
    late_evening = datetime(2025, 9, 15, 22, 30, tzinfo=UTC)
    assert run_import(school.changed(stamp="16/09/2025 00:00:01").both(), now=late_evening).losses == []


def test_the_day_is_that_of_the_school(run_import: Import, school: SchoolFiles) -> None:
    evening = datetime(2025, 9, 15, 21, 0, tzinfo=UTC)
    files = school.changed(stamp="16/09/2025 00:30:00").both()
    with pytest.raises(LossesNotAccepted):
        run_import(files, now=evening, time_zone="Europe/Paris")
    assert run_import(files, now=evening, time_zone="Indian/Reunion").losses == []


def test_an_older_export_is_still_asked_about_by_itself(run_import: Import, school: SchoolFiles) -> None:
    run_import(school.both())
    older = school.changed(stamp="10/09/2025 08:00:00").both()
    with pytest.raises(ImportRefused) as raised:
        run_import(older, accept_losses=True)
    assert not isinstance(raised.value, LossesNotAccepted)
    assert run_import(older, accept_older=True).losses == []


# Cost


@pytest.mark.both_databases
def test_whom_an_import_changes_is_worked_out_in_as_many_statements_for_a_large_school(
    database: Database, run_import: Import, tmp_path: Path
) -> None:
    def statements(count: int) -> int:
        with sent(database) as seen:
            run_import(big_school(tmp_path / str(count), range(1, count)).both(), accept_losses=True)
        effects = ("student_before", "guardian_before", "link_before", "person_change", "import_change", "import_run")
        return sum(any(name in one for name in effects) for one in seen)

    few = statements(5)
    assert statements(600) == few
    with database.reading() as session:
        assert (session.scalar(select(func.count(ImportChange.id))) or 0) > 1000


def test_all_files_of_an_earlier_school_year_are_named_in_one_sentence() -> None:
    files = [Dated("e2.xml", 2025, None), Dated("r2.xml", 2025, None)]
    (doubt,) = doubts_about(files, 2026, TODAY)
    assert doubt.sentence == (
        "e2.xml et r2.xml sont de l'année scolaire 2025-2026, ce qui est connu de l'établissement de 2026-2027"
    )
