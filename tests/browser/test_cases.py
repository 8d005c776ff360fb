"""Small files of the kind people met, taken in through the browser: what is said, and who gets an account (R31, R32).

The letters that follow are read in `tests/cli`, on the same files; cases 05, 06 and 16 are in `test_import_losses.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from shared.database import Database
from shared.models.accounts import Account
from tests.browser.conftest import DESK, open_page
from tests.browser.pages.back_office import BackOffice
from tests.browser.test_admin_figures import log_in
from tests.browser.test_import_losses import CASES, Office
from tests.browser.test_import_losses import office as office
from tests.factories import make_establishment, make_staff

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("size", [DESK], ids=["desk"]),
]

FILES = ("e.xml", "r.xml")


@dataclass(frozen=True)
class Case:
    """The two files of a folder, and what is right."""

    folder: str
    said: Sequence[str]
    """On the report of the import."""
    identifiers: Sequence[str]
    """Of all guardians, once their accounts are generated."""


RIGHT = (
    Case(
        "01-usage-placeholder",
        ["HOARAU - Marie", "GRONDIN . Paul", "contient autre chose qu'un nom, qui n'est montré à aucune famille"],
        ["a.payet", "m.hoarau", "p.grondin"],
    ),
    Case("03-mixed-encoding", ["LIGNE1_ADRESSE contient des caractères de Windows-1252"], ["a.dupont", "c.leboeuf"]),
    Case(
        "04-optional-date",
        ["DATE_ENTREE n'a pas été repris", "DATE_SORTIE n'a pas été repris", "DATE_NAISS n'a pas été repris"],
        ["m.hoaraua", "m.hoaraub", "m.hoarauc", "m.hoaraud"],
    ),
    Case("07-comment-on-letter", ["HOARAU (DECEDE) Jean", "PAYET (NE PAS CONTACTER) Paul"], ["j.hoarau", "p.payet"]),
    Case("08-country-lost", [], ["a.aa", "b.bb"]),
    Case("10-spouses", [], ["d.hoarau", "d.hoarau1", "m.payet", "m.payet1"]),
    Case("12-ine-twice", ["les élèves 1 et 2 sont un seul élève, Léo HOARAU"], ["a.hoarau"]),
    Case("18-morale-sans-prenom", ["« CONSEIL DEPARTEMENTAL » n'a pas de prénom"], ["conseildepartemental"]),
    Case(
        "21-mel-point-virgule",
        ["« a@b.fr » a été reprise", "de « a@exemple.fr; » a été repris « a@exemple.fr »"],
        ["a.hoarau", "j.hoarau", "m.long", "m.point", "m.virg", "z.oneil"],
    ),
)


def identifiers(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.scalars(select(Account.identifier)))


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.folder)
def test_what_is_half_good_is_taken_in_said_and_given_its_accounts(
    office: Office, database: Database, case: Case
) -> None:
    office.bring_in(*(CASES / case.folder / name for name in FILES))
    for sentence in case.said:
        expect(office.page.get_by_role("main")).to_contain_text(sentence)
    BackOffice(office.page, office.address).generate()
    expect(office.page.get_by_text("Tout le monde a son compte")).to_be_visible()
    assert identifiers(database) == list(case.identifiers)


def test_a_fiche_that_says_not_to_write_is_held_back_and_listed(office: Office) -> None:
    office.bring_in(*(CASES / "07-comment-on-letter" / name for name in FILES))
    BackOffice(office.page, office.address).generate()
    office.page.goto(office.address + "/responsables/retenues/")
    for name in ("HOARAU Jean", "PAYET Paul"):
        expect(office.page.get_by_role("main")).to_contain_text(name)


def test_spouses_are_no_duplicates(office: Office) -> None:
    office.bring_in(*(CASES / "10-spouses" / name for name in FILES))
    office.page.goto(office.address + "/base/doublons/")
    expect(office.page.get_by_role("main")).to_contain_text("Aucun doublon probable à traiter")


def test_a_key_given_to_somebody_else_is_two_persons_and_the_account_stays_with_the_first(
    office: Office, database: Database
) -> None:
    case, desk = CASES / "14-key-reuse", BackOffice(office.page, office.address)
    office.bring_in(case / "e.xml", case / "r.xml")
    desk.generate()
    assert identifiers(database) == ["i.techer", "m.hoarau"]
    office.bring_in(case / "e2.xml", case / "r2.xml")
    for sentence in (
        "La fiche 101 était Marie HOARAU, elle est maintenant Jean PAYET",
        "L'élève 1 était Léo HOARAU, c'est maintenant Zoé PAYET",
    ):
        expect(office.page.get_by_role("main")).to_contain_text(sentence)
    desk.generate()
    assert identifiers(database) == ["i.techer", "j.payet", "m.hoarau"]
    office.page.goto(office.address + "/responsables/comptes/?presence=partis")
    expect(office.page.get_by_role("main")).to_contain_text("m.hoarau")
    expect(office.page.get_by_role("main")).not_to_contain_text("Zoé PAYET")


def test_an_ine_that_another_school_has_given_to_another_child_gives_nobody_its_account(
    office: Office, browser: Browser, database: Database
) -> None:
    case = CASES / "13a-ine-other-child-students"
    with database.writing() as session:
        make_staff(session, "chef.ailleurs", make_establishment(session, "9740002B", "Collège des Lataniers"))
    elsewhere = Office(open_page(browser, DESK), office.address, office.work)
    log_in(elsewhere.page, office.address, "chef.ailleurs")
    for one, name in ((office, "e.xml"), (elsewhere, "e2.xml")):
        one.bring_in(case / name)
        expect(one.page.get_by_role("main")).to_contain_text("1 élève présent sans représentant légal")
    expect(elsewhere.page.get_by_role("main")).to_contain_text("L'élève 7 (Zoé PAYET) a l'INE d'un autre élève")
    for one in (office, elsewhere):
        one.page.goto(office.address + "/eleves/generer/")
        one.page.get_by_role("button", name="Générer 1\u00a0compte").click()
        expect(one.page.get_by_text("Tout le monde a son compte")).to_be_visible()
    assert identifiers(database) == ["l.hoarau", "z.payet"]
    elsewhere.page.context.close()
