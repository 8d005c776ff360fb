"""« Je ne suis pas le responsable de cet élève », from the parent's telephone to the school's desk and back."""

import pytest
from playwright.sync_api import Browser, expect

from admin_app import create_app as create_admin
from parent_portal import create_app as create_portal
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.letters_school import HEAD, school_to_notify
from tests.browser.long_named_school import complaints_about, log_in
from tests.browser.pages import keep_picture
from tests.browser.serving import served
from tests.factories import PASSWORD, make_account, make_division, make_guardian, make_student

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def school(database: Database, sealer: Sealer) -> None:
    """Marie Payet's account shows two children, Léa and somebody of nearly the same name."""
    with database.writing() as session:
        school = school_to_notify(session)
        division = make_division(session, school)
        children = (make_student(session, school, division, first_name=name) for name in ("Léa", "Léane"))
        make_account(session, "m.payet", make_guardian(session, school, *children))


def test_a_parent_reports_the_school_answers_and_the_parent_reads_it(
    browser: Browser, settings: Settings, database: Database, school: None
) -> None:
    complaints: list[str] = []
    phone, desk = open_page(browser, PHONE), open_page(browser, DESK)
    with served(create_portal(settings, database)) as portal, served(create_admin(settings, database)) as admin:
        phone.goto(f"{portal}/connexion")
        phone.get_by_label("Identifiant").fill("m.payet")
        phone.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
        phone.get_by_role("button", name="Se connecter", exact=True).click()
        phone.get_by_role("link", name="Je ne suis pas le responsable de cet élève (Léane PAYET)").click()
        phone.get_by_label("Voulez-vous ajouter quelque chose ?").fill("Je ne connais pas cet enfant.")
        phone.get_by_role("button", name="Prévenir l'établissement").click()
        expect(phone.get_by_text("L'établissement est prévenu.")).to_be_visible()

        log_in(desk, admin, HEAD)
        desk.get_by_role("link", name="1 élève signalé par un parent : répondre").click()
        desk.get_by_role("link", name="Répondre").click()
        expect(desk.get_by_text("Je ne connais pas cet enfant.")).to_be_visible()
        for size in (DESK, PHONE):
            desk.set_viewport_size(size)
            complaints += complaints_about(desk, "eleve-signale")
        desk.get_by_label("Le lien est une erreur : le retirer").check()
        desk.get_by_label("Message au parent (facultatif)").fill("Merci, c'est corrigé.")
        desk.get_by_role("button", name="Répondre").click()
        complaints += complaints_about(desk, "eleves-signales")

        phone.goto(f"{portal}/compte")
        expect(phone.get_by_text("L'établissement a retiré cet élève de votre compte.")).to_be_visible()
        expect(phone.get_by_text("Merci, c'est corrigé.")).to_be_visible()
        keep_picture(phone, "portail-eleve-signale")
        phone.goto(portal)
        assert phone.locator(".child h3").all_inner_texts() == ["Léa PAYET 6A"]
    for page in (phone, desk):
        page.context.close()
    assert complaints == []
