"""A student's account opens the same portal: the student's own services, and nothing that is for parents."""

import pytest
from flask import Flask
from sqlalchemy import select

from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.models.accounts import AccountState, LinkPurpose
from shared.models.teleservices import Audience, Teleservice, TeleserviceOpening
from tests.factories import (
    INITIAL_PASSWORD,
    NOW,
    PASSWORD,
    make_account,
    make_establishment,
    make_guardian,
    make_student,
)
from tests.portal.browser import Browser, words
from tests.portal.conftest import Directory, logged_in

CHOSEN = "lagon calme du dimanche"


@pytest.fixture
def lea(database: Database, sealer: Sealer) -> int:
    """Léa, a notified student, and Marie, her mother, with an active account; the number of Léa's fiche."""
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        notes = session.scalars(select(Teleservice).where(Teleservice.label == "Consultation des notes")).one()
        notes.audience = Audience.STUDENTS
        session.add(
            TeleserviceOpening(establishment_id=school.id, teleservice_id=notes.id, is_open=True, changed_at=NOW)
        )
        student = make_student(session, school)
        make_account(session, "l.payet", student, state=AccountState.NOTIFIED, sealer=sealer)
        make_account(session, "m.payet", make_guardian(session, school, student))
        return student.id


@pytest.fixture
def student(lea: int, portal: Flask, directory: Directory) -> Browser:
    """Léa's browser, after both steps of the first login."""
    browser = logged_in(portal, "l.payet", INITIAL_PASSWORD)
    browser.get("/premiere-connexion")
    email = "lea@example.org"
    typed = {"email": email, "email_again": email, "password": CHOSEN, "password_again": CHOSEN}
    assert browser.post("/premiere-connexion", **typed).status_code == 303
    path = directory.mailed_path(LinkPurpose.ACTIVATION)
    browser.get(path)
    browser.post(path)
    return browser


def test_students_and_parents_each_find_their_own_services(student: Browser, portal: Flask) -> None:
    of_student, of_parent = words(student.get("/")), words(logged_in(portal, "m.payet").get("/"))
    assert "Léa PAYET" in of_student
    assert "Consultation des notes" in of_student
    assert "Bourse de collège" not in of_student
    assert "Consultation des notes" not in of_parent
    assert "Bourse de collège" in of_parent


def test_nothing_on_a_students_pages_is_for_parents(student: Browser, lea: int) -> None:
    said = words(student.get("/")) + words(student.get("/compte"))
    for of_parents in ("Réunir", "Mes enfants", "Je ne suis pas le responsable"):
        assert of_parents not in said
    for path in ("/fusion", f"/enfant/{lea}/signaler"):
        student.get("/compte")
        assert student.get(path).status_code == 404
        student.get("/compte")
        fields = {"identifier": "m.payet", "password": PASSWORD, "keep": "other", "words": ""}
        assert student.post(path, **fields).status_code == 404


def test_a_parent_cannot_merge_the_account_of_a_student(student: Browser, portal: Flask, directory: Directory) -> None:
    marie = logged_in(portal, "m.payet")
    marie.get("/fusion")
    assert marie.post("/fusion", identifier="l.payet", password=CHOSEN, keep="this").status_code == 409
    assert directory.account("l.payet").state is AccountState.ACTIVE
