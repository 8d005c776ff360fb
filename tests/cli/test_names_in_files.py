"""What schools write where names are due, from the files to the letters, by the command line."""

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.conftest import Command
from tests.siecle.written import UAI, SchoolFiles, guardian, link, placement, student

ACCOUNT = {"ADRESSE_ID": 21, "MEL": None}


def letters(run: Command, tmp_path: Path) -> tuple[dict, str]:
    """What the command said of printing letters, and their text."""
    pdf = tmp_path / "courriers.pdf"
    told = run("notify", "--uai", UAI, "--by", "paper", "--pdf", pdf, "--yes", "--json").json
    pages = PdfReader(io.BytesIO(pdf.read_bytes())).pages if pdf.exists() else []
    return told, " ".join(" ".join(page.extract_text() for page in pages).replace("\xa0", " ").split())


def identifiers(run: Command) -> list[str]:
    run("generate-accounts", "--uai", UAI, "--json")
    return sorted(account["identifier"] for account in run("accounts", "--uai", UAI, "--json").json["accounts"])


@pytest.fixture
def school(tmp_path: Path) -> SchoolFiles:
    return SchoolFiles(tmp_path / "exports")


def test_a_usage_name_without_a_letter_is_no_name(run: Command, school: SchoolFiles, tmp_path: Path) -> None:
    files = school.changed(
        students=[student(1, NOM_DE_FAMILLE="HOARAU"), student(2, NOM_DE_FAMILLE="PAYET", PRENOM="Tim", NOM_USAGE="-")],
        guardians=[
            guardian(11, NOM_DE_FAMILLE="HOARAU", NOM_USAGE="-", **ACCOUNT),
            guardian(12, NOM_DE_FAMILLE="GRONDIN", NOM_USAGE=".", PRENOM="Paul", LC_CIVILITE="M.", **ACCOUNT),
        ],
        links=[link(1, 11), link(2, 12)],
    ).both()
    imported = run("import", *files, "--json").json
    named = [warning for warning in imported["warnings"] if "nom à corriger" in warning]
    assert len(named) == 3
    assert [
        words for words in ("responsable 11", "responsable 12", "élève 2") if not any(words in one for one in named)
    ] == []
    assert identifiers(run) == ["m.hoarau", "p.grondin"]
    told, text = letters(run, tmp_path)
    assert told["letters"] == 2
    assert "Madame Marie HOARAU" in text
    assert "Monsieur Paul GRONDIN" in text
    assert "Tim PAYET" in text


def test_a_remark_reaches_no_letter_and_the_dead_get_none(run: Command, school: SchoolFiles, tmp_path: Path) -> None:
    files = school.changed(
        students=[
            student(1, NOM_DE_FAMILLE="HOARAU (PLACE ASE)", PRENOM="Léo (AESH)"),
            student(2, NOM_DE_FAMILLE="PAYET", PRENOM="Léa"),
        ],
        placements=[placement(1, "6A"), placement(2, "6A")],
        guardians=[
            guardian(11, NOM_DE_FAMILLE="HOARAU (DECEDE)", PRENOM="Jean", LC_CIVILITE="M.", **ACCOUNT),
            guardian(12, NOM_DE_FAMILLE="HOARAU [frère de Paul]", PRENOM="Anne", **ACCOUNT),
            guardian(13, NOM_DE_FAMILLE="PAYET NE PAS CONTACTER", PRENOM="Paul", LC_CIVILITE="M.", **ACCOUNT),
            guardian(14, NOM_DE_FAMILLE="PAYET", PRENOM="Zoé", NOM_USAGE="DCD", MEL="zoe@example.org", ADRESSE_ID=21),
        ],
        links=[link(1, 11, 1), link(1, 12, 2), link(2, 13, 1), link(2, 14, 2)],
    ).both()
    run("import", *files, "--json")
    assert identifiers(run) == ["a.hoarau", "j.hoarau", "p.payet", "z.payet"]
    listed = run("accounts", "--uai", UAI, "--json").out
    assert not re.search(r"DECEDE|CONTACTER|ASE|AESH|frère|DCD", listed)
    would = run("notify", "--uai", UAI, "--json").json
    assert (would["selected"], would["mails"], would["letters"]) == (4, 0, 1)
    assert {one["identifier"]: one["reason"].partition(" : ")[2] for one in would["skipped"]} == {
        "j.hoarau": "la base élèves dit que cette personne est décédée",
        "p.payet": "la base élèves dit de ne pas écrire à cette personne",
        "z.payet": "la base élèves dit que cette personne est décédée",
    }
    told, text = letters(run, tmp_path)
    assert told["letters"] == 1
    assert "Madame Anne HOARAU" in text
    assert "Léo HOARAU" in text
    assert not re.search(r"DECEDE|DCD|CONTACTER|ASE\b|AESH|frère|décédé|Jean|Paul", text)


def test_an_organisation_gets_a_letter_under_its_name(run: Command, school: SchoolFiles, tmp_path: Path) -> None:
    whom = guardian(11, NOM_DE_FAMILLE="DEPARTEMENT", PRENOM=None, LC_CIVILITE=None, **ACCOUNT)
    imported = run("import", *school.changed(guardians=[whom]).both(), "--json").json
    assert imported["errors"] == []
    assert imported["links"]["created"] == 1
    assert any("responsable 11" in warning and "organisme" in warning for warning in imported["warnings"])
    assert identifiers(run) == ["departement"]
    assert run("duplicates", "--uai", UAI, "--json").json["pairs"] == []
    _, text = letters(run, tmp_path)
    assert "DEPARTEMENT" in text
    assert not re.search(r"(Madame|Monsieur) DEPARTEMENT", text)


def test_a_school_that_cannot_be_named_or_called_is_warned_of(
    run: Command, school: SchoolFiles, tmp_path: Path
) -> None:
    run("import", *school.both(), "--json")
    identifiers(run)
    [warning] = run("notify", "--uai", UAI, "--json").json["warnings"]
    for words in ("son nom", UAI, "son téléphone", "Communs", "Établissements"):
        assert words in warning
    assert "Attention : De cet établissement" in run("notify", "--uai", UAI).out
