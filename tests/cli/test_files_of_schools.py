"""Files as schools send them, by the command line: other encodings and orders, other keys, other schools (R31, R32)."""

from pathlib import Path

import pytest

from shared.database import Database
from tests.cli.conftest import Command
from tests.cli.schools import families, holders, identifiers, imported, naming
from tests.siecle.written import UAI, SchoolFiles, block, document, guardian, link, placement, student, written, zipped

pytestmark = pytest.mark.both_databases

OTHER, THIRD = "9740002B", "9740003C"
INES = ("100000001AA", "100000002AA", "100000003AA", "100000004AA")
FAMILY = {"NOM_DE_FAMILLE": "HOARAU", "INE_RNIE": INES[0], "DATE_NAISS": "01/01/2012"}


@pytest.fixture
def school(tmp_path: Path) -> SchoolFiles:
    """Two families: the HOARAU with twins, and Mme PAYET with one child."""
    return SchoolFiles(
        tmp_path / "exports",
        students=[
            student(1, **{**FAMILY, "PRENOM": "Noël"}),
            student(2, **{**FAMILY, "PRENOM": "Théo", "INE_RNIE": INES[1]}),
            student(3, PRENOM="Zoé", INE_RNIE=INES[2]),
        ],
        placements=[placement(key, "6 A") for key in (1, 2, 3)],
        guardians=[
            guardian(11, NOM_DE_FAMILLE="HOARAU", PRENOM="Léonie", MEL="leonie@example.org"),
            guardian(12, NOM_DE_FAMILLE="HOARAU", PRENOM="Gaël", LC_CIVILITE="M.", MEL="gael@example.org"),
            guardian(13, MEL="marie@example.org"),
        ],
        links=[link(1, 11), link(2, 11), link(1, 12, 2), link(2, 12, 2), link(3, 13)],
        addresses=[],
    )


EVERYBODY = {("Léonie", "Noël"), ("Léonie", "Théo"), ("Gaël", "Noël"), ("Gaël", "Théo"), ("Marie", "Zoé")}
PARENTS = ["g.hoarau", "l.hoarau", "m.payet"]


def encoded(school: SchoolFiles, encoding: str, declared: str) -> list[Path]:
    """Both files in `encoding`, whatever they say, with the line ends of Windows."""
    texts = ((school.students_file(), school.students_text()), (school.guardians_file(), school.guardians_text()))
    return [
        written(path, text.replace("ISO-8859-15", declared).replace("\n", "\r\n"), encoding) for path, text in texts
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "windows-1252", "iso-8859-1"])
@pytest.mark.parametrize("declared", [None, "ISO-8859-15"])
def test_accents_are_read_whatever_the_encoding_and_whatever_it_is_said_to_be(
    run: Command, database: Database, school: SchoolFiles, encoding: str, declared: str | None
) -> None:
    files = encoded(school, encoding, declared or encoding.removesuffix("-sig"))
    assert imported(run, files)["errors"] == []
    assert families(database) == EVERYBODY
    assert identifiers(run) == PARENTS


def test_a_file_in_utf_16_is_refused_in_words(run: Command, school: SchoolFiles) -> None:
    refused = run("import", *encoded(school, "utf-16", "utf-16"))
    assert refused.status == 1
    assert "est écrit en UTF-16, ce que SIECLE ne fait pas" in refused.err


def test_blocks_come_in_any_order(run: Command, database: Database, school: SchoolFiles) -> None:
    students = document(
        "BEE_ELEVES", block("STRUCTURES", school.placements), block("ADRESSES", []), block("ELEVES", school.students)
    )
    guardians = document(
        "BEE_RESPONSABLES",
        block("ADRESSES", []),
        block("RESPONSABLES", school.links),
        block("PERSONNES", school.guardians),
    )
    school.folder.mkdir()
    report = imported(run, [zipped(school.folder / "b.zip", {"x.xml": guardians, "a.xml": students})])
    assert (report["errors"], report["divisions"]["created"]) == ([], 1)
    assert families(database) == EVERYBODY
    assert identifiers(run) == PARENTS


def test_students_without_addresses_alone_wait_for_their_guardians(
    run: Command, database: Database, school: SchoolFiles
) -> None:
    alone = imported(run, [school.students_file("ElevesSansAdresses.xml")])
    assert (alone["students"]["created"], alone["errors"]) == (3, [])
    assert len(identifiers(run, UAI, "--students")) == 3
    assert identifiers(run) == []
    imported(run, [school.guardians_file("ResponsablesSansAdresses.xml")])
    assert families(database) == EVERYBODY


def test_guardians_come_before_any_student(run: Command, database: Database, school: SchoolFiles) -> None:
    first = imported(run, [school.guardians_file()])
    assert naming(first, "5 liens attendent")
    imported(run, [school.students_file()])
    assert families(database) == EVERYBODY


@pytest.mark.parametrize(
    ("year", "stamp", "done"), [("2025", "31/08/2026 23:59:00", False), ("2026", "01/09/2026 00:01:00", True)]
)
def test_a_file_of_the_year_before_by_one_day_is_refused(
    run: Command, database: Database, school: SchoolFiles, year: str, stamp: str, done: bool
) -> None:
    imported(run, school.changed(year="2026", stamp="30/08/2026 08:00:00").both())
    fewer = school.changed(year=year, stamp=stamp, students=school.students[:2])
    answer = run("import", *fewer.both())
    assert (answer.status == 0) == done, answer.err
    if not done:
        assert "2025" in answer.err
        assert families(database) == EVERYBODY


def renumbered(school: SchoolFiles, students: dict[int, int], guardians: dict[int, int]) -> SchoolFiles:
    """The same people under other keys."""

    def change(texts: list[str]) -> list[str]:
        found = []
        for text in texts:
            for name, keys in (("ELEVE_ID", students), ("PERSONNE_ID", guardians)):
                for old, new in keys.items():
                    text = text.replace(f'{name}="{old}"', f'{name}="#{new}"').replace(
                        f"<{name}>{old}<", f"<{name}>#{new}<"
                    )
            found.append(text.replace("#", ""))
        return found

    return school.changed(
        folder=school.folder.with_name("later"),
        stamp="20/10/2025 08:00:00",
        students=change(school.students),
        placements=change(school.placements),
        guardians=change(school.guardians),
        links=change(school.links),
    )


@pytest.mark.parametrize(
    ("students", "guardians"),
    [
        ({2: 92, 3: 93}, {}),
        ({}, {11: 12, 12: 13, 13: 11}),
        ({1: 2, 2: 3, 3: 1}, {11: 13, 13: 11}),
        ({1: 2, 2: 1}, {11: 12, 12: 11}),
    ],
    ids=["half of the pupils renumbered", "guardians shuffled", "both shuffled", "twins and parents swapped"],
)
def test_accounts_follow_people_through_other_keys(
    run: Command, database: Database, school: SchoolFiles, students: dict[int, int], guardians: dict[int, int]
) -> None:
    imported(run, school.both())
    assert identifiers(run) == PARENTS
    identifiers(run, UAI, "--students")
    before = holders(database)
    report = imported(run, renumbered(school, students, guardians).both())
    assert (report["students"]["gone"], report["guardians"]["gone"]) == (0, 0)
    assert holders(database) == before
    assert families(database) == EVERYBODY
    assert identifiers(run) == PARENTS


def test_twins_whose_ine_are_swapped_stay_who_they_are(run: Command, database: Database, school: SchoolFiles) -> None:
    imported(run, school.both())
    identifiers(run, UAI, "--students")
    before = holders(database)
    swapped = [one.replace(INES[0], "#").replace(INES[1], INES[0]).replace("#", INES[1]) for one in school.students]
    imported(run, school.changed(students=swapped, stamp="20/10/2025 08:00:00").both())
    assert holders(database) == before
    assert families(database) == EVERYBODY


def test_one_child_in_three_schools_with_its_ine_in_small_letters_has_one_account(
    run: Command, database: Database, school: SchoolFiles
) -> None:
    imported(run, school.both())
    assert identifiers(run) == PARENTS
    small = [one.replace(INES[0], INES[0].lower()) for one in school.students]
    for uai in (OTHER, THIRD):
        imported(run, school.changed(folder=school.folder / uai, uai=uai, students=small).both())
        made = run("generate-accounts", "--uai", uai, "--json").json
        assert (made["created"], made["kept"]) == (0, 3)
        assert run("accounts", "--uai", uai, "--json").json["accounts"] == []
        would = run("remind", "--uai", uai, "--json").json
        assert (would["selected"], would["mails"]) == (3, 3)
    assert all(len(those) == 1 for those in holders(database).values())


def test_a_guardian_of_two_families_has_one_account(run: Command, database: Database, school: SchoolFiles) -> None:
    both = school.changed(links=[*school.links, link(3, 12, 2)])
    imported(run, both.both())
    assert identifiers(run) == PARENTS
    assert families(database) == EVERYBODY | {("Gaël", "Zoé")}
    assert run("duplicates", "--uai", UAI, "--json").json["pairs"] == []


@pytest.mark.parametrize(
    ("first_name", "civility", "email"),
    [("Josiane", "MME", "josiane@example.org"), ("Paul", "M.", "paul@example.org"), ("Paul", "M.", None)],
)
def test_a_key_reused_by_somebody_of_the_same_last_name_takes_no_account_along(
    run: Command, database: Database, school: SchoolFiles, first_name: str, civility: str, email: str | None
) -> None:
    imported(run, school.both())
    identifiers(run)
    reused = guardian(11, NOM_DE_FAMILLE="HOARAU", PRENOM=first_name, LC_CIVILITE=civility, MEL=email)
    later = school.changed(
        stamp="20/10/2025 08:00:00",
        students=[*school.students, student(4, NOM_DE_FAMILLE="HOARAU", PRENOM="Ugo", INE_RNIE=INES[3])],
        guardians=[reused, *school.guardians[1:]],
        links=[link(4, 11), *school.links[2:]],
    )
    report = imported(run, later.both())
    assert len(naming(report, "La fiche 11 était Léonie HOARAU", first_name)) == 1
    assert holders(database)["l.hoarau"] == {"Léonie HOARAU"}
    assert (first_name, "Ugo") in families(database)
    assert f"{first_name[0].lower()}.hoarau" in identifiers(run)


def test_a_pupil_of_age_is_the_own_guardian(run: Command, database: Database, school: SchoolFiles) -> None:
    grown = {"NOM_DE_FAMILLE": "GRONDIN", "PRENOM": "Ida"}
    files = school.changed(
        students=[*school.students, student(4, **grown, DATE_NAISS="01/02/2006", INE_RNIE=INES[3])],
        guardians=[*school.guardians, guardian(14, **grown, MEL="ida@example.org")],
        links=[*school.links, link(4, 14, CODE_PARENTE="70")],
    )
    assert imported(run, files.both())["errors"] == []
    assert identifiers(run) == ["g.hoarau", "i.grondin", "l.hoarau", "m.payet"]
    assert "i.grondin1" in identifiers(run, UAI, "--students")
    assert run("duplicates", "--uai", UAI, "--json").json["pairs"] == []
    assert holders(database)["i.grondin"] == {"Ida GRONDIN"}


def test_a_school_whose_uai_changes_shows_nothing_until_families_answer(
    run: Command, database: Database, school: SchoolFiles
) -> None:
    imported(run, school.both())
    assert identifiers(run) == PARENTS
    moved = school.changed(folder=school.folder.with_name("moved"), uai=OTHER, stamp="20/10/2025 08:00:00")
    refused = run("import", *moved.both(), "--uai", UAI)
    assert refused.status == 1
    assert OTHER in refused.err
    imported(run, moved.both())
    assert run("generate-accounts", "--uai", OTHER, "--json").json["created"] == 0
    assert run("accounts", "--uai", OTHER, "--json").json["accounts"] == []
    assert identifiers(run) == PARENTS
    # The school of before says that all of them left.
    gone = [one.replace("</ELEVE>", "<DATE_SORTIE>21/10/2025</DATE_SORTIE></ELEVE>") for one in school.students]
    left = school.changed(students=gone, stamp="22/10/2025 08:00:00")
    imported(run, left.both(), "--accept-losses")
    assert identifiers(run, OTHER) == PARENTS


def test_files_of_the_two_schools_of_one_site_are_not_mixed(
    run: Command, database: Database, school: SchoolFiles
) -> None:
    lycee = school.changed(folder=school.folder.with_name("lycee"), uai=OTHER)
    refused = run("import", school.students_file(), lycee.guardians_file())
    assert refused.status == 1
    assert UAI in refused.err
    assert OTHER in refused.err
    assert holders(database) == {}
    assert run("accounts", "--uai", UAI).status == 1


@pytest.mark.parametrize("back", [True, False])
def test_a_key_given_to_the_organisation_that_takes_the_child_in_leaves_the_account_to_the_mother(
    run: Command, database: Database, school: SchoolFiles, back: bool
) -> None:
    organisation = guardian(13, NOM_DE_FAMILLE="CONSEIL DEPARTEMENTAL", PRENOM=None, LC_CIVILITE=None, MEL=None)
    placed = school.changed(guardians=[*school.guardians[:2], organisation])
    first, then = (placed, school) if back else (school, placed)
    imported(run, first.both())
    before = identifiers(run)
    whose = {one: holders(database)[one] for one in before}
    later = then.changed(folder=school.folder.with_name("later"), stamp="20/10/2025 08:00:00")
    assert naming(imported(run, later.both()), "La fiche 13 était", "une personne et un organisme")
    assert {one: holders(database)[one] for one in before} == whose
    assert len(set(identifiers(run)) - set(before)) == 1
