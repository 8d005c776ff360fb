"""What is optional and bad is left out with a warning, and what it stands in stays (R32)."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models.school import Guardian, Guardianship, NameFlag, Student
from shared.siecle.report import ImportReport
from tests.siecle.conftest import Import
from tests.siecle.written import SchoolFiles, address, element, guardian, link, link_2019, placement, student, written

LONG = "X" * 400
PLACE = r"\.xml, ligne \d+, "
LINKED = "lien élève et responsable 1 11"
OF_STUDENT = {
    "ID_NATIONAL": ("12", "l'INE"),
    "INE_BEA": (LONG, "l'INE"),
    "INE_RNIE": ("00000000000", "l'INE"),
    "NOM_DE_FAMILLE": (LONG, "NOM_DE_FAMILLE"),
    "NOM_USAGE": (LONG, "NOM_USAGE"),
    "PRENOM": ("<b>Léa</b>", "PRENOM"),
    "DATE_NAISS": ("00/00/2012", "DATE_NAISS"),
    "CODE_SEXE": ("X", "CODE_SEXE"),
    "MEL": ("aucun", "MEL"),
    "TEL_PERSONNEL": ("12", "TEL_PERSONNEL"),
    "TEL_PORTABLE": (LONG, "TEL_PORTABLE"),
    "TEL_PROFESSIONNEL": ("liste rouge", "TEL_PROFESSIONNEL"),
    "DATE_ENTREE": ("00/00/0000", "DATE_ENTREE"),
    "DATE_SORTIE": ("31/02/2025", "DATE_SORTIE"),
    "SCOLARITE_AN_DERNIER": ({"CODE_RNE": "LYCEE"}, "CODE_RNE"),
}
OF_GUARDIAN = {
    "LC_CIVILITE": ("DR", "civilité"),
    "LL_CIVILITE": (LONG, "LL_CIVILITE"),
    "NOM_DE_FAMILLE": ("<script>x</script>", "NOM_DE_FAMILLE"),
    "NOM_USAGE": ("<b>", "NOM_USAGE"),
    "PRENOM": (LONG, "PRENOM"),
    "TEL_PERSONNEL": ("0692", "TEL_PERSONNEL"),
    "TEL_PORTABLE": ("0000000000", "TEL_PORTABLE"),
    "TEL_PROFESSIONNEL": (LONG, "TEL_PROFESSIONNEL"),
    "ACCEPTE_SMS": ("peut-être", "ACCEPTE_SMS"),
    "MEL": ("a@b", "MEL"),
    "CODE_PROFESSION": ("1234", "CODE_PROFESSION"),
}
OF_LINK = {
    "CODE_PARENTE": (LONG, "CODE_PARENTE"),
    "RESP_LEGAL": ("7", "RESP_LEGAL"),
    "RESP_FINANCIER": ("oui", "RESP_FINANCIER"),
    "PERS_PAIEMENT": ("X", "PERS_PAIEMENT"),
    "PERS_CONTACT": ("2", "PERS_CONTACT"),
    "NIVEAU_RESPONSABILITE": ("9", "NIVEAU_RESPONSABILITE"),
}
OF_LINK_2019 = {
    "PAIE_FRAIS_SCOLAIRES": ("oui", "PAIE_FRAIS_SCOLAIRES"),
    "PERCOIT_LES_AIDES": ("X", "PERCOIT_LES_AIDES"),
    "A_CONTACTER_EN_PRIORITE": ("2", "A_CONTACTER_EN_PRIORITE"),
}
OF_ADDRESS = {
    "LIGNE1_ADRESSE": (LONG, "LIGNE1_ADRESSE"),
    "LIGNE2_ADRESSE": (LONG, "LIGNE2_ADRESSE"),
    "LIGNE3_ADRESSE": ("<b>", "LIGNE3_ADRESSE"),
    "LIGNE4_ADRESSE": (LONG, "LIGNE4_ADRESSE"),
    "BOITE_POSTALE": (LONG, "BOITE_POSTALE"),
    "CODE_POSTAL": ("974", "CODE_POSTAL"),
    "LIBELLE_POSTAL": ("-", "LIBELLE_POSTAL"),
    "CODE_PAYS": ("999", "CODE_PAYS"),
    "LL_PAYS": (LONG, "LL_PAYS"),
}
# Nothing here is made of them: whatever they hold, nobody need be told.
UNUSED = {
    "student": (
        *("DOUBLEMENT", "CODE_REGIME", "CODE_STATUT", "CODE_MEF", "CODE_PROVENANCE", "CODE_MOTIF_SORTIE", "PRENOM2"),
        *("PRENOM3", "ID_ELEVE_ETAB", "ID_PRV_ELE", "CODE_PAYS", "CODE_COMMUNE_INSEE_NAISS", "ACCEPTE_SMS"),
    ),
    "guardian": ("COMMUNICATION_ADRESSE", "ID_PRV_PER"),
    "address": ("CODE_COMMUNE_INSEE", "CODE_DEPARTEMENT", "LL_COMMUNE_INSEE"),
    "link": ("HEBERGE_ELEVE",),
}


def cases() -> list[object]:
    """Each optional field with a bad value, in the records of a family."""
    walked: list[object] = []
    for name, (value, says) in OF_STUDENT.items():
        walked.append(pytest.param({"students": [student(**{name: value})]}, "élève 1", says, id=f"student-{name}"))
    for name, (value, says) in OF_GUARDIAN.items():
        bad = {"guardians": [guardian(ADRESSE_ID=21, **{name: value})]}
        walked.append(pytest.param(bad, "responsable 11", says, id=f"guardian-{name}"))
    for name, (value, says) in OF_LINK.items():
        walked.append(pytest.param({"links": [link(**{name: value})]}, LINKED, says, id=f"link-{name}"))
    for name, (value, says) in OF_LINK_2019.items():
        tie = re.sub(f"</?{name}>[^<]*(</{name}>)?", "", link_2019(1, 11)).replace(
            "</RESPONSABLE_ELEVE>", f"<{name}>{value}</{name}></RESPONSABLE_ELEVE>"
        )
        walked.append(pytest.param({"links": [tie]}, LINKED, says, id=f"link-2019-{name}"))
    for name, (value, says) in OF_ADDRESS.items():
        france = {"LL_PAYS": None} if name == "CODE_PAYS" else {}
        bad = {"addresses": [address(**{name: value} | france)]}
        walked.append(pytest.param(bad, "adresse 21", says, id=f"address-{name}"))
    divided = {"placements": [placement(1, LONG)]}
    walked.append(pytest.param(divided, "division de l'élève 1", "CODE_STRUCTURE", id="placement-code"))
    grouped = {"placements": [placement(1, "6A", kind="X")]}
    walked.append(pytest.param(grouped, "division de l'élève 1", "TYPE_STRUCTURE", id="placement-type"))
    return walked


def family(database: Database) -> tuple[Student, Guardian, Guardianship]:
    with database.reading() as session:
        link = session.scalars(select(Guardianship).where(Guardianship.gone_at.is_(None))).one()
        child, parent = session.scalars(select(Student)).one(), session.scalars(select(Guardian)).one()
        session.expunge_all()
    assert (link.student_id, link.guardian_id, child.gone_at, parent.gone_at) == (child.id, parent.id, None, None)
    return child, parent, link


def said(report: ImportReport, where: str, what: str) -> bool:
    return any(re.search(f"{PLACE}{where}\u00a0: .*{what}", text) for text in report.findings.warnings.kept)


@pytest.mark.parametrize(("bad", "where", "what"), cases())
def test_a_bad_optional_field_costs_nobody_more_than_that_field(
    database: Database, run_import: Import, school: SchoolFiles, bad: dict[str, list[str]], where: str, what: str
) -> None:
    report = run_import(school.changed(**bad).both())
    family(database)
    assert report.findings.errors.kept == []
    assert said(report, where, what), report.findings.warnings.kept
    asked = ("Corrigez", "corriger", "SIECLE")
    assert all(any(word in text for word in asked) for text in report.findings.warnings.kept if PLACE in text)


def test_what_is_of_no_use_here_is_passed_over(database: Database, run_import: Import, school: SchoolFiles) -> None:
    bad = {sort: dict.fromkeys(names, f"<{LONG}>") for sort, names in UNUSED.items()}
    changed = school.changed(
        students=[student(**bad["student"])],
        guardians=[guardian(ADRESSE_ID=21, **bad["guardian"])],
        links=[link(**bad["link"])],
        addresses=[address(**bad["address"])],
    )
    report = run_import(changed.both())
    family(database)
    assert (report.findings.errors.count, [text for text in report.findings.warnings.kept if "ligne" in text]) == (
        0,
        [],
    )


@pytest.mark.parametrize("day", ["31/02/2012", "00/00/0000", "2012-03-13", "12/03/0213", "12/03/2913", "demain", None])
def test_a_child_without_a_possible_birth_date_stays_without_one(
    database: Database, run_import: Import, school: SchoolFiles, day: str | None
) -> None:
    report = run_import(school.changed(students=[student(DATE_NAISS=day)]).both())
    child, _, _ = family(database)
    assert (child.birth_date, report.findings.errors.count) == (None, 0)
    assert said(report, "élève 1", "DATE_NAISS")


def test_a_birth_date_that_is_known_is_not_forgotten_for_a_bad_one(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.both())
    report = run_import(school.changed(students=[student(DATE_NAISS="00/00/2012", PRENOM="Lea")]).both())
    child, _, _ = family(database)
    assert (child.birth_date, child.first_name, report.students.updated) == (date(2012, 3, 4), "Lea", 1)
    assert (
        run_import(school.changed(students=[student(DATE_NAISS="00/00/2012", PRENOM="Lea")]).both()).students.updated
        == 0
    )


@pytest.mark.parametrize("again", [link(1, 11, 7), link(1, 11, None), link(1, 11, "", CODE_PARENTE=None)])
def test_a_parent_loses_no_child_to_a_rank_that_cannot_be_read(
    database: Database, run_import: Import, school: SchoolFiles, again: str
) -> None:
    run_import(school.both())
    report = run_import(school.changed(links=[again]).both())
    _, _, tie = family(database)
    assert (tie.legal_rank, report.findings.errors.count, report.links.gone) == (1, 0, 0)
    assert said(report, LINKED, "responsabilité légale")


@pytest.mark.parametrize("rank", [7, None])
def test_a_rank_that_was_never_read_gives_no_right(
    database: Database, run_import: Import, school: SchoolFiles, rank: int | None
) -> None:
    run_import(school.changed(links=[link(1, 11, rank)]).both())
    assert family(database)[2].legal_rank is None


def test_a_level_that_cannot_be_read_leaves_the_other_field_its_say(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.changed(links=[link(1, 11, 2, NIVEAU_RESPONSABILITE="X")]).both())
    assert family(database)[2].legal_rank == 2


def test_a_name_that_is_too_long_is_cut(database: Database, run_import: Import, school: SchoolFiles) -> None:
    run_import(school.changed(students=[student(NOM_DE_FAMILLE="ABCD" * 100)]).both())
    assert family(database)[0].family_name == "ABCD" * 25


def test_markup_is_no_name(database: Database, run_import: Import, school: SchoolFiles) -> None:
    for bad in ("&lt;script&gt;alert(1)&lt;/script&gt;", "PAYET<script>x</script>"):
        run_import(school.changed(students=[student().replace("PAYET", bad)]).both())
        child, _, _ = family(database)
        assert (child.full_name, child.name_flag) == ("Léa", NameFlag.COMMENT)


INVISIBLE = (
    "\u200b",
    "\u200d",
    "\u00ad",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\u0084",
    "\u0091",
    "\u2060",
    "\ufe0f",
    "\ue000",
)


@pytest.mark.parametrize("sign", INVISIBLE, ids=lambda sign: f"U+{ord(sign):04X}")
def test_invisible_signs_are_dropped_wherever_a_text_is_read(
    database: Database, run_import: Import, school: SchoolFiles, sign: str
) -> None:
    def with_it(text: str) -> str:
        return f"{sign}{text[:2]}{sign}{text[2:]}{sign}"

    changed = school.changed(
        students=[student(NOM_DE_FAMILLE=with_it("PAYET"), PRENOM="L\u00e9a", ID_NATIONAL=with_it("0123456789A"))],
        placements=[placement(1, with_it("6A"))],
        guardians=[guardian(ADRESSE_ID=21, MEL=with_it("m@exemple.fr"), TEL_PORTABLE=with_it("0692123456"))],
        addresses=[address(LIGNE1_ADRESSE=with_it("12 RUE"), LIBELLE_POSTAL=with_it("SAINT\u00a0DENIS"))],
    )
    paths = [
        written(school.folder / name, text.replace("ISO-8859-15", "UTF-8"), "utf-8")
        for name, text in (("e.xml", changed.students_text()), ("r.xml", changed.guardians_text()))
    ]
    run_import(paths)
    with database.reading() as session:
        child, parent = session.scalars(select(Student)).one(), session.scalars(select(Guardian)).one()
        assert child.division is not None
        read = (child.family_name, child.ine, child.division.code, parent.email, parent.mobile_phone)
        assert read == ("PAYET", "0123456789A", "6A", "m@exemple.fr", "0692 12 34 56")
        assert (parent.address_line1, parent.city) == ("12 RUE", "SAINT DENIS")


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\x1a", "\x1f", "&#26;", "&#x1F;", "&#X00b;"])
def test_signs_that_xml_has_no_place_for_are_dropped_like_the_invisible_ones(
    database: Database, run_import: Import, school: SchoolFiles, sign: str
) -> None:
    """Pasted into a field of SIECLE, one of them would keep the whole school out."""
    text = school.students_text().replace("PAYET", f"PA{sign}YET") + ("" if sign.startswith("&") else sign)
    report = run_import([written(school.folder / "e.xml", text, "iso-8859-15")])
    assert report.students.created == 1
    with database.reading() as session:
        assert session.scalars(select(Student.family_name)).one() == "PAYET"


@pytest.mark.parametrize("before", ["\n", " \r\n\t", "\ufeff\n"])
def test_blanks_before_the_declaration_are_passed_over_and_lines_keep_their_numbers(
    run_import: Import, school: SchoolFiles, before: str
) -> None:
    changed = school.changed(students=[student(DATE_NAISS="31/02/2012")])
    text = before + changed.students_text().replace("ISO-8859-15", "UTF-8")
    lines = [
        int(found[1])
        for path in (
            written(school.folder / "plain.xml", changed.students_text(), "iso-8859-15"),
            written(school.folder / "later.xml", text, "utf-8"),
        )
        for sentence in run_import([path]).findings.warnings.kept
        if (found := re.search(r"ligne (\d+), .*DATE_NAISS", sentence))
    ]
    assert lines[1] == lines[0] + 1


def test_a_sign_that_an_editor_lost_is_a_lost_character(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    text = school.changed(students=[student(PRENOM="No\ufffdl")]).students_text()
    run_import([written(school.folder / "e.xml", text, "utf-8")])
    with database.reading() as session:
        child = session.scalars(select(Student)).one()
    assert (child.first_name, child.name_flag) == ("No?l", NameFlag.LOST_CHARACTER)


def test_a_field_pasted_in_another_encoding_is_read_alone(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    record = element("ELEVE", {"NOM_DE_FAMILLE": "LEBŒUF", "PRENOM": "ZO", "DATE_NAISS": "04/03/2012"}, {"ELEVE_ID": 1})
    raw = school.changed(students=[record]).students_text().encode("iso-8859-15")
    report = run_import([written(school.folder / "e.xml", raw.replace(b"ZO", "Noël".encode()))])
    with database.reading() as session:
        child = session.scalars(select(Student)).one()
    assert (child.family_name, child.first_name) == ("LEBŒUF", "Noël")
    assert said(report, "élève 1", "PRENOM est écrit en UTF-8")


@pytest.mark.parametrize("read_as", ["latin-1", "windows-1252", "iso-8859-15"])
@pytest.mark.parametrize("name", ["Noël", "Éloïse", "Zoé", "Françoise", "L\u2019Été", "Œdipe", "Àngel"])
def test_a_text_that_was_written_twice_in_utf_8_is_read_once(
    database: Database, run_import: Import, school: SchoolFiles, name: str, read_as: str
) -> None:
    raw = name.encode()
    try:
        twice = raw.decode(read_as)
    except UnicodeDecodeError:
        twice = raw.decode("latin-1")
    text = school.changed(students=[student(PRENOM=twice)]).students_text().replace("ISO-8859-15", "UTF-8")
    report = run_import([written(school.folder / "e.xml", text, "utf-8")])
    with database.reading() as session:
        assert session.scalars(select(Student.first_name)).one() == name
    assert said(report, "élève 1", "PRENOM est écrit deux fois en UTF-8")


@pytest.mark.parametrize("name", ["JOÃO", "CONCEIÇÃO", "ÅSA", "Bâ", "GUIMARÃES", "Âgé"])
def test_what_is_written_once_in_utf_8_stays_as_it_is(
    database: Database, run_import: Import, school: SchoolFiles, name: str
) -> None:
    text = school.changed(students=[student(PRENOM=name)]).students_text().replace("ISO-8859-15", "UTF-8")
    report = run_import([written(school.folder / "e.xml", text, "utf-8")])
    with database.reading() as session:
        assert session.scalars(select(Student.first_name)).one() == name
    assert not said(report, "élève 1", "UTF-8")
