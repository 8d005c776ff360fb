"""A passkey from its adding to a login without a password, in a real browser with a telephone made of software."""

from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from parent_portal import create_app
from shared.config import Settings
from shared.database import Database
from shared.models.access.passkeys import Passkey
from tests.browser.conftest import PHONE, open_page
from tests.browser.pages import keep_picture
from tests.factories import PASSWORD, make_account, make_establishment, make_guardian, make_student
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def address(settings: Settings, database: Database) -> Iterator[str]:
    """A portal at an address whose host has a name, with Marie Payet's account."""
    with database.writing() as session:
        school = make_establishment(session)
        make_account(session, "m.payet", make_guardian(session, school, make_student(session, school)))
    port = free_port()
    address = f"http://localhost:{port}"
    portal = create_app(settings.model_copy(update={"public_portal_url": address}), database)
    server = make_server("localhost", port, portal, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield address
    server.shutdown()
    thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = open_page(browser, PHONE, has_touch=True, is_mobile=True)
    yield page
    page.context.close()


@pytest.fixture
def telephone(page: Page) -> CDPSession:
    """The browser's own door to a telephone that recognises its owner at once."""
    door = page.context.new_cdp_session(page)
    door.send("WebAuthn.enable", {"enableUI": False})
    return door


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(words)


def test_a_parent_adds_a_passkey_and_comes_back_without_a_password(
    page: Page, telephone: CDPSession, address: str, database: Database
) -> None:
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    owned = telephone.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})["authenticatorId"]
    page.goto(f"{address}/connexion")
    keep_picture(page, "portail-connexion-cle")
    page.fill("#identifier", "m.payet")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    page.get_by_role("link", name="Mon compte").first.click()
    page.get_by_role("link", name="Mes clés d'accès").click()
    keep_picture(page, "portail-cles-vide")
    page.get_by_label("Nom de cette clé d'accès").fill("Téléphone de Marie")
    page.get_by_label("Mot de passe actuel", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Votre clé d'accès est ajoutée.")).to_be_visible()
    keep_picture(page, "portail-cles")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    heading(page, "Vos téléservices")
    with database.reading() as session:
        assert session.scalars(select(Passkey.sign_count)).one() > 0
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto(f"{address}/connexion")
    telephone.send("WebAuthn.setUserVerified", {"authenticatorId": owned, "isUserVerified": False})
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    page.get_by_role("button", name="Continuer").click()
    expect(page.get_by_text("Aucune clé d'accès n'a répondu.")).to_be_visible()
    keep_picture(page, "portail-connexion-cle-sans-reponse")
    telephone.send("WebAuthn.setUserVerified", {"authenticatorId": owned, "isUserVerified": True})
    page.get_by_role("button", name="Continuer").click()
    heading(page, "Vos téléservices")
    page.goto(f"{address}/compte/cles")
    page.get_by_role("link", name="Téléphone de Marie").click()
    keep_picture(page, "portail-cle")
    page.get_by_role("button", name="Retirer cette clé d'accès").click()
    expect(page.get_by_text("La clé d'accès est retirée.")).to_be_visible()
    assert complaints == []


def test_a_device_that_has_a_passkey_of_the_account_already_is_told_so(
    page: Page, telephone: CDPSession, address: str
) -> None:
    telephone.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})
    page.goto(f"{address}/connexion")
    page.fill("#identifier", "m.payet")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    heading(page, "Vos téléservices")
    for said in ("Votre clé d'accès est ajoutée.", "Cet appareil a déjà une clé d'accès pour votre compte."):
        page.goto(f"{address}/compte/cles")
        page.get_by_label("Nom de cette clé d'accès").fill("Téléphone de Marie")
        page.get_by_label("Mot de passe actuel", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Continuer").click()
        expect(page.get_by_text(said)).to_be_visible()
