"""Names with something else in them: what families see is the name, what staff see is the remark as well."""

import re

import pytest
from sqlalchemy import select

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.directory.hold_decisions import decide_hold
from shared.accounts.directory.holds import is_held
from shared.accounts.directory.listing import Filters
from shared.accounts.holder.own_data import everything_held
from shared.accounts.login.first_login import names_of
from shared.accounts.populations import GUARDIANS, STUDENTS, Register
from shared.database import Database
from shared.establishments.home import home_of
from shared.exports.accounts import accounts_sheet, ent_sheet
from shared.journal import COMMAND
from shared.models.accounts import Account
from shared.models.holds import HoldAnswer
from shared.models.school import Guardian, Guardianship, Hold, NameFlag, Student
from shared.notifications.mail.addressees import holder_of
from tests.factories import at_desk
from tests.siecle.conftest import NOW, Import
from tests.siecle.written import SchoolFiles, address, guardian, student


def only(database: Database, fiche: type[Guardian] | type[Student]) -> Guardian | Student:
    with database.reading() as session:
        return session.scalars(select(fiche)).one()


def warned(report, *words: str) -> bool:
    return any(all(word in warning for word in words) for warning in report.findings.warnings.kept)


@pytest.mark.parametrize("usage", ["-", ".", "X", "XXX", "INCONNU", "NON RENSEIGNE", "NEANT", "?", "ʻ"])
def test_a_usage_name_that_is_none_is_none(
    database: Database, run_import: Import, school: SchoolFiles, usage: str
) -> None:
    report = run_import(school.changed(guardians=[guardian(NOM_USAGE=usage.replace("ʻ", "&#699;"))]).both())
    fiche = only(database, Guardian)
    assert (fiche.usage_name, fiche.last_name, fiche.name_key) == (None, "PAYET", "payet marie")
    assert fiche.name_flag is NameFlag.COMMENT
    assert warned(report, "responsable 11", "nom à corriger dans SIECLE")
    assert report.findings.errors.count == 0


@pytest.mark.parametrize(
    ("changes", "full_name", "name_key"),
    [
        ({"NOM_DE_FAMILLE": "-"}, "Marie", "marie"),
        ({"NOM_DE_FAMILLE": ""}, "Marie", "marie"),
        ({"NOM_DE_FAMILLE": "INCONNU", "NOM_USAGE": "HOARAU"}, "Marie HOARAU", "hoarau marie"),
        ({"PRENOM": "X"}, "PAYET", "payet"),
        ({"PRENOM": None}, "PAYET", "payet"),
    ],
)
def test_whoever_lacks_a_name_is_kept_under_the_others(
    database: Database,
    run_import: Import,
    school: SchoolFiles,
    changes: dict[str, str | None],
    full_name: str,
    name_key: str,
) -> None:
    for fiche, kept in (
        (Guardian, {"guardians": [guardian(**changes)]}),
        (Student, {"students": [student(**{"PRENOM": "Marie"} | changes)]}),
    ):
        report = run_import(school.changed(**kept).both())
        person = only(database, fiche)
        assert (person.full_name, person.name_key, person.birth_name_key) == (full_name, name_key, name_key)
        assert person.name_flag is not None
        assert warned(report, "nom à corriger dans SIECLE")
        assert report.findings.errors.count == 0


def test_a_remark_leaves_the_name_and_stands_apart(database: Database, run_import: Import, school: SchoolFiles) -> None:
    child = student(NOM_DE_FAMILLE="HOARAU (PLACE ASE)", PRENOM="Léo (AESH)")
    run_import(school.changed(students=[child], guardians=[guardian(NOM_DE_FAMILLE="HOARAU DECEDE")]).both())
    fiche, parent = only(database, Student), only(database, Guardian)
    assert (fiche.full_name, fiche.staff_note, fiche.hold) == ("Léo HOARAU", "PLACE ASE ; AESH", None)
    assert (fiche.written_family_name, fiche.written_usage_name, fiche.written_first_name) == (
        "HOARAU (PLACE ASE)",
        None,
        "Léo (AESH)",
    )
    assert (parent.full_name, parent.staff_note, parent.hold) == ("Marie HOARAU", "DECEDE", Hold.DECEASED)


def test_a_remark_corrected_in_siecle_is_gone(database: Database, run_import: Import, school: SchoolFiles) -> None:
    run_import(school.changed(guardians=[guardian(NOM_DE_FAMILLE="PAYET (NE PAS CONTACTER)")]).both())
    assert only(database, Guardian).hold is Hold.DO_NOT_WRITE
    report = run_import(school.both())
    parent = only(database, Guardian)
    assert (parent.hold, parent.staff_note, parent.written_family_name, parent.name_flag) == (None, None, None, None)
    assert report.guardians.updated == 1


@pytest.mark.parametrize("first", [{"PRENOM": None}, {"PRENOM": ""}])
@pytest.mark.parametrize("civility", [None, "M."])
def test_an_organisation_is_a_guardian_like_another(
    database: Database, run_import: Import, school: SchoolFiles, first: dict[str, str | None], civility: str | None
) -> None:
    whom = guardian(NOM_DE_FAMILLE="CONSEIL DEPARTEMENTAL", LC_CIVILITE=civility, **first)
    report = run_import(school.changed(guardians=[whom]).both())
    fiche = only(database, Guardian)
    assert (fiche.full_name, fiche.civility, fiche.name_flag) == ("CONSEIL DEPARTEMENTAL", None, None)
    assert warned(report, "responsable 11", "organisme")
    assert report.findings.errors.count == 0
    with database.reading() as session:
        assert session.scalars(select(Guardianship.legal_rank)).all() == [1]


@pytest.mark.parametrize(
    ("fields", "civility"),
    [
        ({"LC_CIVILITE": None, "LL_CIVILITE": "Madame"}, "MME"),
        ({"LC_CIVILITE": None, "LL_CIVILITE": "Monsieur"}, "M."),
        ({"LC_CIVILITE": "", "LL_CIVILITE": "Mademoiselle"}, "MME"),
        ({"LC_CIVILITE": "M"}, "M."),
        ({"LC_CIVILITE": "MR"}, "M."),
        ({"LC_CIVILITE": "MLLE"}, "MME"),
        ({"LC_CIVILITE": "?", "LL_CIVILITE": "Mme"}, "MME"),
        ({"LC_CIVILITE": None}, None),
    ],
)
def test_civilities_have_one_form(
    database: Database, run_import: Import, school: SchoolFiles, fields: dict[str, str | None], civility: str | None
) -> None:
    report = run_import(school.changed(guardians=[guardian(**fields)]).both())
    assert only(database, Guardian).civility == civility
    assert not warned(report, "civilité")


def test_a_civility_that_nobody_knows_is_left_out_and_warned_of(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    report = run_import(school.changed(guardians=[guardian(LC_CIVILITE="M. ET MME")]).both())
    assert only(database, Guardian).civility is None
    assert warned(report, "responsable 11", "M. ET MME")


@pytest.mark.parametrize(
    ("changes", "line", "city"),
    [
        ({"LIGNE1_ADRESSE": "-", "LIGNE2_ADRESSE": "."}, None, "SAINT DENIS"),
        ({"LIGNE1_ADRESSE": "12"}, None, "SAINT DENIS"),
        ({"LIGNE1_ADRESSE": "12", "LIGNE2_ADRESSE": "RUE DES LILAS"}, "12", "SAINT DENIS"),
        ({"LIGNE1_ADRESSE": "INCONNUE"}, None, "SAINT DENIS"),
        ({"LIBELLE_POSTAL": "."}, "12 RUE DES FLAMBOYANTS", None),
        ({"LIBELLE_POSTAL": "-", "COMMUNE_ETRANGERE": "MORONI"}, "12 RUE DES FLAMBOYANTS", "MORONI"),
    ],
)
def test_an_address_without_a_letter_is_none(
    database: Database,
    run_import: Import,
    school: SchoolFiles,
    changes: dict[str, str],
    line: str | None,
    city: str | None,
) -> None:
    report = run_import(school.changed(addresses=[address(**changes)]).both())
    fiche = only(database, Guardian)
    assert (fiche.address_line1, fiche.city) == (line, city)
    assert warned(report, "adresse 21") == (line is None or city != "SAINT DENIS")


def test_a_decision_outlives_imports_as_long_as_siecle_says_the_same(
    database: Database, run_import: Import, school: SchoolFiles
) -> None:
    def held_after(name: str) -> bool:
        run_import(school.changed(guardians=[guardian(NOM_DE_FAMILLE=name)]).both())
        with database.reading() as session:
            return session.scalars(select(Guardian.id).where(is_held(Guardian))).all() != []

    assert held_after("PAYET (DCD)")
    with database.writing() as session:
        fiche = session.scalars(select(Guardian)).one()
        desk = at_desk(session, fiche.establishment_id, actor=COMMAND)
        decide_hold(desk, GUARDIANS, fiche.id, HoldAnswer.WRITE)
    assert not held_after("PAYET (DCD)")
    assert not held_after("PAYET")
    assert held_after("PAYET (NE PAS CONTACTER)")


def test_no_remark_is_in_anything_a_family_or_another_software_is_given(
    database: Database, run_import: Import, school: SchoolFiles, sealer: Sealer
) -> None:
    child = student(NOM_DE_FAMILLE="HOARAU (PLACE ASE)", PRENOM="Léo AESH")
    run_import(
        school.changed(students=[child], guardians=[guardian(NOM_USAGE="PAYET {tante, NE PAS CONTACTER")]).both()
    )
    now, today = NOW, NOW.date()
    given: list[object] = []
    with database.writing() as session:
        school_id = session.scalars(select(Guardian.establishment_id)).one()
        for population in (GUARDIANS, STUDENTS):
            generate_accounts(at_desk(session, school_id, now=now, actor=COMMAND, today=today), population, sealer)
            for sheet in (ent_sheet, accounts_sheet):
                given += [list(row) for row in sheet(Register(session, school_id, population, today), Filters()).rows]
        for account in session.scalars(select(Account)):
            given += [account.identifier, home_of(session, account, today), everything_held(session, account)]
            given += [holder_of(session, account.id), names_of(session, account)]
    shown = repr(given)
    assert "Léo HOARAU" in shown
    assert "m.payet" in shown
    assert not re.search(r"PLACE|ASE\b|AESH|tante|CONTACTER|[{(\[]tante", shown)
