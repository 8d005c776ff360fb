"""R32 by the command line: what an import would lose, students without a legal guardian, and both in the answers."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.siecle.big_school import FAMILIES, big_school, name_of
from tests.siecle.written import UAI

CASES = Path(__file__).parents[1] / "siecle" / "cases"
STAYING = range(1, 21)


@pytest.fixture
def folder(run: Command, tmp_path: Path) -> Path:
    run("init-db")
    return tmp_path


def files(case: str, *names: str) -> list[Path]:
    return [CASES / case / name for name in names]


def test_an_import_that_would_empty_a_third_of_the_school_is_refused_until_it_is_accepted(
    run: Command, folder: Path
) -> None:
    assert run("import", *big_school(folder / "1").both()).status == 0
    partial = big_school(folder / "2", STAYING).both()
    refused = run("import", *partial, "--json")

    assert (refused.status, list(refused.json)) == (1, ["error"])
    assert "10 élèves ne sont plus là (33\u00a0% des 30 élèves connus)" in refused.err
    assert f"Tom {name_of(21)} (6A)" in refused.err
    assert "--accept-losses" in refused.err
    dry = run("import", *partial, "--dry-run", "--json")
    assert dry.status == 0
    assert [loss["kind"] for loss in dry.json["losses"]] == ["student_left", "guardian_left"]
    assert "À confirmer (--accept-losses)" in run("import", *partial, "--dry-run").out
    assert run("import", *partial, "--older").status == 1
    accepted = run("import", *partial, "--accept-losses", "--json")
    assert accepted.status == 0
    assert accepted.json["students"]["gone"] == len(FAMILIES) - len(STAYING)
    [left] = [one for one in accepted.json["changes"] if (one["sort"], one["change"]) == ("student", "left")]
    assert len(left["names"]) == left["count"] == 10


def test_who_arrives_leaves_and_changes_division_is_written(run: Command, folder: Path) -> None:
    run("import", *big_school(folder / "1").both())
    other = big_school(folder / "2", range(2, 32))
    other.placements[0] = other.placements[0].replace("5B", "4C")
    said = run("import", *other.both()).out

    assert f"1 élève arrive : Tom {name_of(31)} (6A)" in said
    assert f"1 élève part : Tom {name_of(1)} (6A)" in said
    assert f"1 élève change de division : Zoé {name_of(2)} (5B → 4C)" in said


@pytest.mark.parametrize("together", [("e2.xml", "r2.xml"), ("e.xml", "r2.xml"), ("e2.xml", "r.xml"), ("r2.xml",)])
def test_files_of_an_earlier_year_or_of_two_are_refused_until_they_are_accepted(
    run: Command, folder: Path, together: tuple[str, ...]
) -> None:
    assert run("import", *files("05-school-year", "e.xml", "r.xml")).status == 0
    refused = run("import", *files("05-school-year", *together))

    assert refused.status == 1
    assert "2025-2026" in refused.err
    assert run("import", *files("05-school-year", *together), "--accept-losses").status == 0


def test_accepting_losses_accepts_older_files_too(run: Command, folder: Path) -> None:
    school = big_school(folder / "1", stamp="15/09/2025 10:00:00")
    run("import", *school.both())
    older = school.changed(stamp="15/09/2025 09:00:00", folder=folder / "2").both()
    assert run("import", *older).status == 1
    assert run("import", *older, "--older").status == 0
    run("import", *school.both())
    assert run("import", *older, "--accept-losses").status == 0


def test_students_without_a_legal_guardian_are_named_at_import_and_counted_at_generation(
    run: Command, folder: Path
) -> None:
    imported = run("import", *files("16-no-guardian", "e.xml", "r.xml"), "--json").json

    assert imported["students_without_legal_guardian"] == 2
    assert any(one.startswith("2 élèves présents sans représentant légal") for one in imported["warnings"])
    assert sum("n'a pas de représentant légal" in one for one in imported["warnings"]) == 2
    assert (
        "2 élèves présents sans représentant légal"
        in run("import", *files("16-no-guardian", "e.xml", "r.xml"), "--older").out
    )
    generated = run("generate-accounts", "--uai", UAI, "--json").json
    assert (generated["created"], generated["students_without_legal_guardian"]) == (0, 2)
    assert "2 élèves présents sans représentant légal" in run("generate-accounts", "--uai", UAI).out
    assert "sans représentant" not in run("generate-accounts", "--uai", UAI, "--students").out


def test_a_student_without_any_link_has_no_legal_guardian_either(run: Command, folder: Path) -> None:
    alone = big_school(folder / "1", range(1, 4), linked=range(1, 3))
    assert run("import", *alone.both(), "--json").json["students_without_legal_guardian"] == 1
    assert run("import", *big_school(folder / "2", range(1, 4)).both(), "--json").json[
        "students_without_legal_guardian"
    ] == 0  # fmt: skip


def test_the_students_alone_are_counted_and_not_named(run: Command, folder: Path) -> None:
    alone = big_school(folder / "1", range(1, 4)).students_file()
    report = run("import", alone, "--json").json
    assert report["students_without_legal_guardian"] == 3
    assert not any("représentant" in warning for warning in report["warnings"])
    assert "3 élèves présents sans représentant légal" in run("import", alone).out


def test_invented_schools_import_without_a_question(run: Command, folder: Path) -> None:
    [school] = run("make-siecle", folder / "siecle", "--students", "60", "--json").json["schools"]
    assert run("import", *school["files"], "--json").json["losses"] == []
    assert run("import", *school["files"]).status == 0
