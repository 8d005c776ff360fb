"""Files that went wrong at schools, by the command line: what is right of each (R31, R32)."""

from pathlib import Path

import pytest

from shared.database import Database
from tests.cli.conftest import Command
from tests.cli.schools import families, holders, identifiers, imported, naming
from tests.cli.test_names_in_files import letters
from tests.siecle.written import UAI

pytestmark = pytest.mark.both_databases

CASES = Path(__file__).parents[1] / "siecle" / "cases"


def case(run: Command, name: str, *files: str) -> dict:
    return imported(run, [CASES / name / file for file in files or ("e.xml", "r.xml")])


def test_names_without_a_letter_are_none(run: Command, tmp_path: Path) -> None:
    assert len(naming(case(run, "01-usage-placeholder"), "nom à corriger")) >= 2
    assert all(len(identifier) > 2 for identifier in identifiers(run))
    _, text = letters(run, tmp_path)
    assert " - " not in text.split("Madame Marie")[1][:4]


def test_remarks_reach_no_letter(run: Command, tmp_path: Path) -> None:
    case(run, "07-comment-on-letter")
    identifiers(run)
    _, text = letters(run, tmp_path)
    assert [word for word in ("DECEDE", "NE PAS CONTACTER", "AESH", "PLACE ASE") if word in text] == []


def test_an_ine_twice_is_one_child_of_one_mother(run: Command, database: Database) -> None:
    report = case(run, "12-ine-twice")
    assert naming(report, "INE")
    assert len(identifiers(run, UAI, "--students")) == 1
    assert len(families(database)) == 1


def test_a_key_reused_leaves_the_account_to_the_first_person(run: Command, database: Database) -> None:
    case(run, "14-key-reuse")
    before = identifiers(run)
    students = identifiers(run, UAI, "--students")
    whose = holders(database)
    report = case(run, "14-key-reuse", "e2.xml", "r2.xml")
    assert len(naming(report, "Ce sont deux personnes")) == 2
    assert {one: holders(database)[one] for one in before + students} == {one: whose[one] for one in before + students}
    assert len(set(identifiers(run)) - set(before)) == 1


def test_an_organisation_is_a_guardian(run: Command, tmp_path: Path) -> None:
    assert case(run, "18-morale-sans-prenom")["errors"] == []
    assert "departement" in " ".join(identifiers(run))
    told, _ = letters(run, tmp_path)
    assert told["letters"] == len(identifiers(run))
