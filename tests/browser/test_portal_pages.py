"""R30: every page of the portal in a real browser: on a phone, for a screen reader, by keyboard, without script."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from parent_portal import create_app
from shared.accounts.mailed_links import create_link, link_address
from shared.accounts.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.models.accounts import Account, AccountState, LinkPurpose
from shared.models.teleservices import EstablishmentSettings, LetterType, UsefulLink
from tests.browser.conftest import DESK, PHONE, open_page
from tests.factories import (
    INITIAL_PASSWORD,
    PASSWORD,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SMALLEST_TARGET = 44
"""Pixels, for a thumb."""


@pytest.fixture
def links(database: Database, settings: Settings, sealer: Sealer) -> dict[str, str]:
    """A school with one account in each state; where the mailed links lead, by purpose."""
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        division = make_division(session, school)
        session.add(
            EstablishmentSettings(
                establishment_id=school.id,
                welcome_message="<p>Bienvenue sur le portail du <strong>collège</strong>.</p><ul><li>Cantine</li></ul>",
                contact_active=True,
                contact_email="ce.9740001a@example.org",
                letter_type=LetterType.MIXED,
                ent_label="METICE",
                ent_url="https://metice.example.org/",
            )
        )
        session.add(UsefulLink(establishment_id=school.id, label="Menus", url="https://menus.example.org", position=1))
        child = make_student(session, school, division, first_name="Joé-Alexandre Sully", last_name="DE LA ROCHE")
        make_account(session, "m.payet", make_guardian(session, school, make_student(session, school, division), child))
        make_account(session, "p.hoarau", make_guardian(session, school), state=AccountState.NOTIFIED, sealer=sealer)
        long_address = "une.adresse.vraiment.tres.longue.pour.un.telephone@exemple-de-domaine.re"
        make_account(session, "a.grondin", state=AccountState.ACTIVATING, email=long_address)
        make_account(session, "c.boyer", must_change_password=True)
        return {
            purpose.value: link_address(
                settings, create_link(session, account_of(session, identifier), purpose, "n@example.org", now())
            ).removeprefix(settings.public_portal_url)
            for purpose, identifier in (
                (LinkPurpose.ACTIVATION, "a.grondin"),
                (LinkPurpose.PASSWORD_RESET, "m.payet"),
                (LinkPurpose.EMAIL_CHANGE, "m.payet"),
            )
        }


def account_of(session, identifier: str) -> Account:
    return session.scalars(select(Account).where(Account.identifier == identifier)).one()


@pytest.fixture
def portal(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


@pytest.fixture
def address(portal: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, portal, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@dataclass
class Visit:
    """One page of a browser, on a screen of some width."""

    page: Page
    address: str
    complaints: list[str]

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def log_in(self, identifier: str, password: str = PASSWORD) -> None:
        self.open("/connexion")
        self.page.fill("#identifier", identifier)
        self.page.fill("#password", password)
        self.press("Se connecter")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def look(self, what: str) -> None:
        """Note everything that is wrong with the page as it is now."""
        found = Axe().run(self.page).response["violations"]
        self.complaints += [f"{what}: {violation['id']}" for violation in found]
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.complaints.append(f"{what}: wider than the screen")
        if self.page.locator("h1").count() != 1:
            self.complaints.append(f"{what}: not one h1")
        for control in self.page.locator("main button:visible, main [role=button]:visible, main input:visible").all():
            box = control.bounding_box()
            if box and box["height"] < SMALLEST_TARGET and control.get_attribute("type") != "radio":
                self.complaints.append(f"{what}: too small to touch: {control.evaluate('e => e.outerHTML')}")


@pytest.fixture
def visit(browser: Browser, address: str, links: dict[str, str]) -> Iterator[Callable[..., Visit]]:
    pages: list[Page] = []

    def start(size: dict[str, int] = PHONE, **options: object) -> Visit:
        page, complaints = open_page(browser, size, **options), []
        pages.append(page)
        page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return Visit(page, address, complaints)

    yield start
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_anything_to_complain_of(
    visit: Callable[..., Visit], links: dict[str, str], size: dict[str, int]
) -> None:
    complaints = []
    for look_around in (before_login, first_login, waiting, must_change, inside):
        seen = visit(size)
        look_around(seen, links)
        complaints += seen.complaints
    assert complaints == []


def before_login(seen: Visit, links: dict[str, str]) -> None:
    for path in ("/connexion", "/mot-de-passe-oublie", "/nulle-part", "/activation/1-x", *links.values()):
        seen.open(path)
        seen.look(path)
    seen.log_in("", "")
    seen.look("empty login")
    seen.log_in("m.payet", "pas le bon mot")
    seen.look("wrong login")
    seen.open("/mot-de-passe-oublie")
    seen.page.fill("#email", "m.payet@example.org")
    seen.press("Recevoir le lien")
    seen.look("link sent")


def first_login(seen: Visit, _links: dict[str, str]) -> None:
    seen.log_in("p.hoarau", INITIAL_PASSWORD)
    seen.look("first login")
    seen.press("Continuer")
    seen.look("first login, empty")


def waiting(seen: Visit, _links: dict[str, str]) -> None:
    seen.log_in("a.grondin")
    seen.look("waiting")
    seen.press("Renvoyer le message")
    seen.page.locator("summary").click()
    seen.press("Corriger et envoyer")
    seen.look("correction, empty")


def must_change(seen: Visit, _links: dict[str, str]) -> None:
    seen.log_in("c.boyer")
    seen.look("must change")


def inside(seen: Visit, _links: dict[str, str]) -> None:
    seen.log_in("m.payet")
    for path in ("/", "/compte", "/compte/adresse", "/compte/mot-de-passe", "/fusion"):
        seen.open(path)
        seen.look(path)
    seen.page.fill("#identifier", "p.hoarau")
    seen.page.fill("#password", "pas le bon mot")
    seen.press("Réunir les deux comptes")
    seen.look("merge refused")


def test_everything_is_done_without_script(visit: Callable[..., Visit], links: dict[str, str]) -> None:
    seen = visit(java_script_enabled=False)
    seen.log_in("p.hoarau", INITIAL_PASSWORD.upper())
    for field in ("#email", "#email_again"):
        seen.page.fill(field, "paul@example.org")
    for field in ("#password", "#password_again"):
        seen.page.fill(field, "lagon calme du dimanche")
    seen.press("Continuer")
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Un message vous attend"
    assert seen.page.get_by_text("paul@example.org").is_visible()
    assert seen.page.get_by_role("button", name="Afficher").count() == 0


def test_a_login_needs_nothing_but_the_keyboard(visit: Callable[..., Visit]) -> None:
    seen = visit(DESK)
    seen.open("/connexion")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type("m.payet")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(PASSWORD)
    seen.page.keyboard.press("Enter")
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Vos téléservices"


def test_what_is_wrong_gets_the_focus_and_leads_to_its_field(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.log_in("", "")
    expect(seen.page.get_by_role("alert")).to_be_focused()
    seen.page.get_by_role("link", name="Tapez votre identifiant.").click()
    assert seen.page.url.endswith("#identifier")


def test_a_password_can_be_shown_pasted_and_is_hidden_again_before_it_is_sent(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/connexion")
    seen.page.fill("#identifier", "m.payet")
    seen.page.fill("#password", PASSWORD)
    seen.page.get_by_role("button", name="Afficher").click()
    assert seen.page.locator("#password").get_attribute("type") == "text"
    seen.page.evaluate(
        "document.addEventListener('submit', () => localStorage.type = document.querySelector('#password').type)"
    )
    seen.press("Se connecter")
    assert seen.page.evaluate("localStorage.type") == "password"
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Vos téléservices"
