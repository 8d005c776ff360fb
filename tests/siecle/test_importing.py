"""A school's files become its base, whatever their order, dialect and packing."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.database import Database
from shared.models.journal import JournalEvent
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student, WaitingLink
from tests.siecle.conftest import Dump, Import
from tests.siecle.written import (
    UAI,
    SchoolFiles,
    address,
    block,
    document,
    element,
    guardian,
    link,
    link_2019,
    placement,
    student,
    written,
    zipped,
)


def ranks(database: Database) -> dict[str, int | None]:
    """The legal rank of each linked guardian, by PERSONNE_ID."""
    with database.reading() as session:
        rows = session.execute(
            select(Guardian.siecle_id, Guardianship.legal_rank)
            .join(Guardianship, Guardianship.guardian_id == Guardian.id)
            .where(Guardianship.gone_at.is_(None))
        )
        return {row.siecle_id: row.legal_rank for row in rows}


def test_a_school_is_created_with_its_people(database: Database, run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.both())
    assert report.counts == {
        "students": {"read": 1, "created": 1, "updated": 0, "gone": 0},
        "guardians": {"read": 1, "created": 1, "updated": 0, "gone": 0},
        "links": {"read": 1, "created": 1, "updated": 0, "gone": 0},
        "divisions": {"read": 1, "created": 1, "updated": 0, "gone": 0},
    }
    assert report.findings.errors.count == 0
    with database.reading() as session:
        child = session.scalars(select(Student)).one()
        assert (child.family_name, child.first_name, child.birth_date, child.sex) == (
            "PAYET",
            "Léa",
            date(2012, 3, 4),
            "F",
        )
        assert child.name_key == "payet lea"
        assert child.division is not None
        assert child.division.code == "6 A"
        parent = session.scalars(select(Guardian)).one()
        assert (parent.email, parent.civility) == ("marie.payet@example.org", "MME")
        assert (parent.address_line1, parent.postal_code, parent.country) == ("12 RUE DES FLAMBOYANTS", "97400", None)
        tie = session.scalars(select(Guardianship)).one()
        assert (tie.student_id, tie.guardian_id, tie.legal_rank, tie.pays_fees) == (child.id, parent.id, 1, True)
        assert session.scalars(select(Establishment)).one().name == UAI
        event = session.scalars(select(JournalEvent)).one()
        assert (event.action, event.subject, event.details["students"]["created"]) == ("school_imported", UAI, 1)


def test_the_order_of_the_files_and_their_names_do_not_matter(
    database: Database, run_import: Import, school: SchoolFiles, tmp_path: Path
) -> None:
    archive = zipped(
        tmp_path / "download(1).zip",
        {"a/anything.dat": school.guardians_text(), "readme.txt": "bonjour", "b.xml": school.students_text()},
    )
    report = run_import([archive])
    assert (report.students.created, report.guardians.created, report.links.created) == (1, 1, 1)


def test_links_wait_for_the_students(database: Database, run_import: Import, school: SchoolFiles) -> None:
    first = run_import([school.guardians_file()])
    assert first.links.created == 0
    assert first.findings.errors.count == 0
    run_import([school.guardians_file()])
    with database.reading() as session:
        assert len(session.scalars(select(WaitingLink)).all()) == 1
    assert run_import([school.students_file()]).links.created == 1
    assert ranks(database) == {"11": 1}
    with database.reading() as session:
        assert session.scalars(select(WaitingLink)).all() == []


def test_a_waiting_link_to_a_student_who_is_not_in_the_file_is_an_error(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import([school.changed(links=[link(), link(999, 11)]).guardians_file()])
    report = run_import([school.students_file()])
    assert (report.links.created, report.findings.errors.count) == (1, 1)
    assert "999" in report.findings.errors.kept[0]


def test_students_alone_may_come_first(database: Database, run_import: Import, school: SchoolFiles) -> None:
    assert run_import([school.students_file()]).students.created == 1
    report = run_import([school.guardians_file()])
    assert (report.links.created, report.students.read) == (1, 0)
    assert ranks(database) == {"11": 1}


def test_legal_ranks_of_2017_are_those_of_the_file(database: Database, run_import: Import, school: SchoolFiles) -> None:
    people = [guardian(key) for key in (11, 12, 13)]
    run_import(school.changed(guardians=people, links=[link(1, 11, 2), link(1, 12, 1), link(1, 13, 0)]).both())
    assert ranks(database) == {"11": 2, "12": 1, "13": None}


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([link_2019(1, 11), link_2019(1, 12, pays=True)], {"11": 2, "12": 1}),
        ([link_2019(1, 11), link_2019(1, 12, first=True)], {"11": 2, "12": 1}),
        ([link_2019(1, 11), link_2019(1, 12)], {"11": 1, "12": 2}),
        ([link_2019(1, 11, first=True), link_2019(1, 12, pays=True)], {"11": 2, "12": 1}),
        ([link_2019(1, 11), link_2019(1, 12), link_2019(1, 13, pays=True)], {"11": 2, "12": 2, "13": 1}),
        ([link_2019(1, 11, 2, pays=True), link_2019(1, 12, 3), link_2019(1, 13)], {"11": None, "12": None, "13": 1}),
    ],
    ids=["who pays", "to contact first", "first in the file", "paying before contact", "a third", "not legal"],
)
def test_legal_ranks_of_2019_are_worked_out(
    database: Database, run_import: Import, school: SchoolFiles, links: list[str], expected: dict[str, int | None]
) -> None:
    run_import(school.changed(guardians=[guardian(key) for key in (11, 12, 13)], links=links).both())
    assert ranks(database) == expected


def test_the_same_link_twice_keeps_the_stronger(database: Database, run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(links=[link(1, 11, 0), link(1, 11, 2)]).both())
    assert ranks(database) == {"11": 2}
    assert any("plus fort" in warning for warning in report.findings.warnings.kept)


def test_older_files_write_persons_differently(database: Database, run_import: Import, school: SchoolFiles) -> None:
    person = element("PERSONNE", {"PERSONNE_ID": 11, "NOM": "HOARAU", "PRENOM": "", "ACCEPTE_SMS": "true"})
    run_import(school.changed(guardians=[person]).both())
    with database.reading() as session:
        parent = session.scalars(select(Guardian)).one()
    assert (parent.siecle_id, parent.family_name, parent.first_name, parent.accepts_sms) == ("11", "HOARAU", "", True)
    assert parent.name_flag == "no_first_name"


def test_what_schools_write_about_students_is_understood(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    grants = ['<N_IMPORTE_QUOI ELEVE_ID="1"><CODE_BOURSE>04</CODE_BOURSE></N_IMPORTE_QUOI>']
    child = student(
        INE_BEA="1111111112B",
        ID_NATIONAL="222222223nn",
        INE_RNIE="inconnu",
        DATE_SORTIE="01/02/2025",
        SCOLARITE_AN_DERNIER={"CODE_RNE": "9740002b"},
    )
    report = run_import(school.changed(students=[child], grants=grants, placements=[placement(1, "6 A", "6B")]).both())
    with database.reading() as session:
        found = session.scalars(select(Student)).one()
        assert (found.ine, found.scholarship, found.left_on) == ("222222223NN", True, date(2025, 2, 1))
        assert found.previous_uai == "9740002B"
        assert found.division is not None
        assert found.division.code == "6B"
    assert any("deux divisions" in warning for warning in report.findings.warnings.kept)


@pytest.mark.parametrize("written", ["0000000000A", "11111111111", "012345678", "A0123456789"])
def test_an_ill_formed_ine_counts_for_nothing_and_is_said(
    database: Database, run_import: Import, school: SchoolFiles, written: str
) -> None:
    report = run_import(school.changed(students=[student(INE_RNIE=written)]).both())
    with database.reading() as session:
        assert session.scalars(select(Student.ine)).one() is None
    (said,) = [warning for warning in report.findings.warnings.kept if "INE" in warning]
    assert "élève 1" in said
    assert f"«\u00a0{written}\u00a0»" in said


def test_groups_are_no_divisions(database: Database, run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(placements=[placement(1, "6AGR1", kind="G")]).both())
    assert report.divisions.read == 0


def test_an_address_abroad_keeps_its_country(database: Database, run_import: Import, school: SchoolFiles) -> None:
    abroad = address(21, CODE_PAYS="201", LL_PAYS="MADAGASCAR", LIBELLE_POSTAL=None, COMMUNE_ETRANGERE="ANTANANARIVO")
    run_import(school.changed(addresses=[abroad]).both())
    with database.reading() as session:
        parent = session.scalars(select(Guardian)).one()
    assert (parent.city, parent.country) == ("ANTANANARIVO", "MADAGASCAR")


def test_structures_and_communs_name_things(database: Database, run_import: Import, school: SchoolFiles) -> None:
    structures = written(
        school.folder / "Structures.xml",
        document(
            "BEE_STRUCTURES",
            block("DIVISIONS", [element("DIVISION", {"LIBELLE_LONG": "SIXIÈME A"}, {"CODE_STRUCTURE": "6A"})]),
        ),
    )
    uaj = {
        "DENOM_PRINC": "COLLEGE",
        "DENOM_COMPL": "LES FLAMBOYANTS",
        "NOM_RESP": "MME HOARAU Anne",
        "MEL_1": "ce@a.fr",
    }
    communs = written(school.folder / "Communs.xml", document("BEE_COMMUN", element("UAJ", uaj)))
    nomenclature = written(school.folder / "N.xml", document("BEE_NOMENCLATURES", block("LIENS_PARENTE", [])))
    run_import([structures, nomenclature, communs, *school.both()])
    run_import(school.both())
    with database.reading() as session:
        establishment = session.scalars(select(Establishment)).one()
        assert (establishment.name, establishment.email) == ("COLLEGE LES FLAMBOYANTS", "ce@a.fr")
        assert (establishment.head_civility, establishment.head_name) == ("MME", "HOARAU Anne")
        assert session.scalars(select(Division)).one().label == "SIXIÈME A"


def test_a_dry_run_tells_what_would_change_and_changes_nothing(
    run_import: Import, dump: Dump, school: SchoolFiles
) -> None:
    before = dump()
    report = run_import(school.both(), dry_run=True)
    assert report.dry_run
    assert report.students.created == 1
    assert dump() == before
    assert run_import(school.both()).counts == report.counts


def test_a_person_without_link_is_kept_and_counted(database: Database, run_import: Import, school: SchoolFiles) -> None:
    report = run_import(school.changed(guardians=[guardian(11), guardian(12)]).both())
    assert report.guardians.created == 2
    assert any(warning.startswith("1 personne sans lien") for warning in report.findings.warnings.kept)


def test_two_schools_use_the_same_keys_for_different_people(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.both())
    run_import(school.changed(uai="9740002B", students=[student(1, PRENOM="Zoé")]).both())
    with database.reading() as session:
        assert sorted(child.first_name for child in session.scalars(select(Student))) == ["Léa", "Zoé"]


def test_who_accepts_sms_is_what_the_last_file_says(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    def accepted(written: str | None) -> bool | None:
        fields = {"PERSONNE_ID": 11, "NOM": "HOARAU", "PRENOM": "Marie", "TEL_PORTABLE": "0692 12 34 56"}
        said = {} if written is None else {"ACCEPTE_SMS": written}
        run_import(school.changed(guardians=[element("PERSONNE", fields | said)]).both())
        with database.reading() as session:
            return session.scalars(select(Guardian.accepts_sms)).one()

    assert [accepted(written) for written in ("0", "1", None, "1", "0")] == [False, True, None, True, False]
