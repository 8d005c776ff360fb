"""What a family finds on its home."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.models.accounts import AccountState
from shared.models.school import Division, Establishment
from shared.models.teleservices import EntLink, EstablishmentSettings, LetterType, UsefulLink
from tests.factories import make_account, make_establishment, make_guardian, make_student
from tests.portal.browser import Browser, words
from tests.portal.conftest import logged_in
from tests.statements import sent


def set_up_school(database: Database, **columns: object) -> None:
    """Give the family's school its settings, and two useful links."""
    with database.writing() as session:
        school = session.scalars(select(Establishment)).one()
        session.add(EstablishmentSettings(establishment_id=school.id, **columns))
        for position, label in ((2, "Menus de la cantine"), (1, "<script>alert(1)</script>")):
            session.add(
                UsefulLink(
                    establishment_id=school.id, label=label, url=f"https://{position}.example.org", position=position
                )
            )


def test_the_teleservices_open_for_each_child_are_there(marie: Browser) -> None:
    page = marie.get("/")
    assert "Bourse de collège" in words(page)
    assert "Fiche de renseignements" in words(page)
    assert "Consultation des notes" not in words(page)


def test_a_teleservice_for_other_classes_is_not_shown(marie: Browser, database: Database) -> None:
    assert "Bourse de lycée" not in words(marie.get("/"))
    with database.writing() as session:
        session.scalars(select(Division)).one().code = "2GT4"
    page = words(marie.get("/"))
    assert "Bourse de lycée" in page
    assert "Bourse de collège" not in page


def test_where_the_class_says_no_level_every_teleservice_is_shown(marie: Browser, database: Database) -> None:
    with database.writing() as session:
        session.scalars(select(Division)).one().code = "ULIS"
    page = words(marie.get("/"))
    assert "Bourse de lycée" in page
    assert "Bourse de collège" in page


def test_welcome_contact_links_and_ent_are_there(marie: Browser, database: Database) -> None:
    set_up_school(
        database,
        welcome_message="<p>Bonne <strong>rentrée</strong> !</p>",
        contact_active=True,
        contact_email="ce@example.org",
        letter_type=LetterType.MIXED,
        ent_label="METICE",
        ent_url="https://metice.example.org",
    )
    page = marie.get("/")
    assert "<strong>rentrée</strong>" in page.text
    assert 'href="mailto:ce@example.org"' in page.text
    assert 'href="https://metice.example.org"' in page.text
    assert "<script>alert" not in page.text
    assert page.text.index("https://1.example.org") < page.text.index("https://2.example.org")
    assert "Bourse de collège" in words(page)


def test_a_contact_that_is_not_active_and_an_ent_alone_hide_the_rest(marie: Browser, database: Database) -> None:
    set_up_school(
        database,
        contact_active=False,
        contact_email="ce@example.org",
        letter_type=LetterType.ENT_ONLY,
        ent_link=EntLink(label="METICE", url="https://metice.example.org"),
    )
    page = marie.get("/")
    assert "ce@example.org" not in page.text
    assert "Bourse de collège" not in words(page)
    assert "METICE" in words(page)
    assert 'href="https://metice.example.org"' in page.text


def test_a_child_who_left_is_no_longer_there_and_the_family_is_told_whom_to_ask(
    database: Database, portal: Flask
) -> None:
    with database.writing() as session:
        school = make_establishment(session)
        gone = make_student(session, school, left_on=now().date() - timedelta(days=1))
        make_account(session, "m.payet", make_guardian(session, school, gone))
    said = words(logged_in(portal, "m.payet").get("/"))
    assert "Léa PAYET" not in said
    assert "Aucun enfant n'est rattaché à votre compte en ce moment." in said


def test_a_student_finds_the_own_services_and_nothing_of_the_parents(
    database: Database, portal: Flask, sealer: Sealer
) -> None:
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        make_account(session, "l.payet", make_student(session, school), state=AccountState.ACTIVE)
    said = words(logged_in(portal, "l.payet").get("/"))
    assert "Léa PAYET" in said
    assert "Bourse de collège" not in said
    assert "Réunir mes deux comptes" not in said


@pytest.mark.parametrize("children", [1, 8])
def test_the_number_of_queries_does_not_depend_on_the_number_of_children(
    database: Database, portal: Flask, children: int
) -> None:
    with database.writing() as session:
        fill_catalogue(session)
        fiches = []
        for number in range(children):
            school = make_establishment(session, f"974000{number}A")
            fiches.append(make_guardian(session, school, make_student(session, school)))
        make_account(session, "m.payet", *fiches)
    browser = logged_in(portal, "m.payet")
    browser.get("/")
    with sent(database) as queries:
        assert browser.get("/").text.count("<article") == children
    # Who asks, the children, the services, the settings, the links, the schools.
    assert len([query for query in queries if query.startswith("SELECT")]) == 5
