"""R31 by the command line: keys given to others, an INE read twice, and what a base of before holds."""

from pathlib import Path

from shared.database import Database
from tests.cli.conftest import Command
from tests.factories import make_account, make_establishment, make_guardian
from tests.siecle.written import SchoolFiles, guardian, link, student

LEO = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Léo", "DATE_NAISS": "01/01/2012", "ID_NATIONAL": "0123456789A"}
ZOE = {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Zoé", "DATE_NAISS": "05/06/2014", "ID_NATIONAL": "0000000009Z"}
MARIE = {"NOM_DE_FAMILLE": "HOARAU", "PRENOM": "Marie", "MEL": "marie@exemple.fr"}
JEAN = {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Jean", "LC_CIVILITE": "M.", "MEL": "jean@exemple.fr"}


def accounts(run: Command, uai: str, *options: str) -> dict[str, str]:
    listed = run("accounts", "--uai", uai, "--json", *options).json["accounts"]
    return {account["identifier"]: account["first_name"] for account in listed}


def test_a_key_given_to_somebody_else_gives_an_account_of_its_own(run: Command, tmp_path: Path) -> None:
    run("init-db")
    first = SchoolFiles(tmp_path / "1", students=[student(1, **LEO)], guardians=[guardian(101, **MARIE)])
    first.links, first.placements, first.addresses = [link(1, 101)], [], []
    run("import", *first.both())
    run("generate-accounts", "--uai", first.uai)
    run("generate-accounts", "--uai", first.uai, "--students")
    then = first.changed(students=[student(1, **ZOE)], guardians=[guardian(101, **JEAN)], folder=tmp_path / "2")
    dry = run("import", *then.both(), "--dry-run", "--json").json
    report = run("import", *then.both(), "--json").json
    assert report["warnings"] == dry["warnings"]
    assert any("La fiche 101 était Marie HOARAU, elle est maintenant Jean PAYET" in one for one in report["warnings"])
    assert any("L'élève 1 était Léo HOARAU, c'est maintenant Zoé PAYET" in one for one in report["warnings"])
    assert report["guardians"] == {"read": 1, "created": 1, "updated": 0, "gone": 1}
    run("generate-accounts", "--uai", first.uai)
    run("generate-accounts", "--uai", first.uai, "--students")
    assert accounts(run, first.uai)["j.payet"] == "Jean"
    assert accounts(run, first.uai, "--students")["z.payet"] == "Zoé"
    assert run("crossed-accounts").out.strip() == "Aucun compte ne semble croisé."


def test_a_student_read_twice_has_one_account(run: Command, tmp_path: Path) -> None:
    run("init-db")
    twice = SchoolFiles(tmp_path / "1", students=[student(1, **LEO), student(2, **LEO)], links=[link(1), link(2)])
    report = run("import", *twice.both(), "--json").json
    assert any("les élèves 1 et 2 sont un seul élève" in one for one in report["warnings"])
    assert run("generate-accounts", "--uai", twice.uai, "--students", "--json").json["created"] == 1


def test_crossed_accounts_are_listed_and_left_as_they_are(run: Command, database: Database) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        make_account(session, "m.hoarau", make_guardian(session, school, last_name="PAYET", first_name="Jean"))
    for options in ([], ["--uai", "9740001A"]):
        [found] = run("crossed-accounts", "--json", *options).json["crossed"]
        assert (found["identifier"], found["holders"][0]["first_name"]) == ("m.hoarau", "Jean")
    assert "PAYET Jean (9740001A, fiche" in run("crossed-accounts").out
    assert run("crossed-accounts", "--uai", "9740009J").status == 1
