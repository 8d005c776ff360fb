"""Files of which a part is bad, by the command line: what people met, and what is right (R32)."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.test_names_in_files import letters
from tests.siecle.written import SchoolFiles, placement, student

CASES = Path(__file__).parents[1] / "siecle" / "cases"
UAI = "9740001A"


def imported(run: Command, case: str) -> dict:
    answer = run("import", CASES / case / "e.xml", CASES / case / "r.xml", "--json")
    assert answer.status == 0, answer.err
    return answer.json


def accounts(run: Command) -> dict[str, dict]:
    run("generate-accounts", "--uai", UAI, "--json")
    return {one["identifier"]: one for one in run("accounts", "--uai", UAI, "--json").json["accounts"]}


def naming(report: dict, *words: str) -> list[str]:
    return [text for text in report["warnings"] if all(word in text for word in words)]


def test_bytes_of_windows_1252_leave_the_rest_of_the_file_alone(run: Command, tmp_path: Path) -> None:
    report = imported(run, "03-mixed-encoding")
    (said,) = naming(report, "adresse 2", "LIGNE1_ADRESSE", "Windows-1252")
    assert "4 ALLÉE DE L’EGLISE" in said
    assert report["errors"] == []
    assert sorted(accounts(run)) == ["a.dupont", "c.leboeuf"]
    told, text = letters(run, tmp_path)
    assert told["letters"] == 2
    assert all(word in text for word in ("LEBŒUF", "SACRÉ-CŒUR", "Cœlia", "L’EGLISE"))


def test_impossible_dates_cost_no_family_its_account(run: Command) -> None:
    report = imported(run, "04-optional-date")
    assert (report["errors"], report["students"]["created"], report["links"]["created"]) == ([], 4, 4)
    for key, field in ((1, "DATE_ENTREE"), (2, "DATE_SORTIE"), (3, "DATE_NAISS"), (4, "DATE_NAISS")):
        assert len(naming(report, f"élève {key}\u00a0", field, "SIECLE")) == 1
    assert sorted(accounts(run)) == ["m.hoaraua", "m.hoaraub", "m.hoarauc", "m.hoaraud"]
    again = imported(run, "04-optional-date")
    assert [again["students"][count] for count in ("created", "updated", "gone")] == [0, 0, 0]


def test_a_country_that_one_field_names_is_on_the_letter(run: Command, tmp_path: Path) -> None:
    assert imported(run, "08-country-lost")["errors"] == []
    accounts(run)
    told, text = letters(run, tmp_path)
    assert told["letters"] == 2
    assert "LONDON SW1A 1AA ROYAUME-UNI" in text
    assert "4000 LIEGE BELGIQUE" in text


def test_the_first_good_address_of_a_field_is_kept_and_the_rest_is_said(run: Command) -> None:
    report = imported(run, "21-mel-point-virgule")
    assert naming(report, "responsable 105", "a@b.fr", "c@d.fr")
    assert naming(report, "responsable 106", "a@exemple.fr;")
    assert naming(report, "responsable 104", "n'en est pas une")
    emails = {one["identifier"]: one["email"] for one in accounts(run).values()}
    assert (emails["m.point"], emails["m.virg"], emails["m.long"]) == ("a@b.fr", "a@exemple.fr", None)
    assert emails["z.oneil"] == "o'neil+ecole@exemple.fr"


@pytest.mark.parametrize(("uai", "written"), [("9740001A", "+262 (0)692 12 34 56"), ("9840001A", "87.12.34.56")])
def test_a_number_written_in_two_ways_is_one(run: Command, tmp_path: Path, uai: str, written: str) -> None:
    files = SchoolFiles(tmp_path / "exports", uai=uai)
    plain = {"9740001A": "0692123456", "9840001A": "+68987123456"}[uai]
    text = files.guardians_text().replace("<MEL>", f"<TEL_PORTABLE>{written}</TEL_PORTABLE><MEL>")
    for number in (written, plain):
        path = tmp_path / f"{number}.xml"
        path.write_bytes(text.replace(written, number).encode("iso-8859-15"))
        report = run("import", files.students_file(), path, "--json").json
        assert not naming(report, "TEL_PORTABLE")
    assert report["guardians"]["updated"] == 0


def test_a_division_is_found_however_it_is_typed_unless_two_could_be_meant(run: Command, tmp_path: Path) -> None:
    run("import", *SchoolFiles(tmp_path / "exports").both(), "--json")
    run("generate-accounts", "--uai", UAI, "--json")
    for typed in ("6 A", "6A", "6a"):
        assert run("notify", "--uai", UAI, "--division", typed, "--json").json["selected"] == 1
    assert "6B" in run("notify", "--uai", UAI, "--division", "6B", "--json").err
    two = SchoolFiles(tmp_path / "two", students=[student(1), student(2, PRENOM="Tom")])
    run("import", *two.changed(placements=[placement(1, "6 A"), placement(2, "6A")]).both(), "--older", "--json")
    assert run("notify", "--uai", UAI, "--division", "6 A", "--json").json["selected"] == 1
    assert "6a" in run("notify", "--uai", UAI, "--division", "6a", "--json").err
