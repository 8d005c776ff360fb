"""R30: the portal in a real browser: by keyboard, without script, with the focus where it helps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from parent_portal import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.login.mailed_links import link_address
from shared.accounts.without_letter.links import link_address as self_activation_address
from shared.config import Settings
from shared.database import Database
from shared.languages import FRENCH, LANGUAGES, Language, translations
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import MailedLink
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.pages import keep_picture
from tests.browser.portal_family import KNOWN_ADDRESS, Family, make_families
from tests.browser.serving import served
from tests.factories import INITIAL_PASSWORD, PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def family(database: Database, settings: Settings, sealer: Sealer) -> Family:
    return make_families(database, settings, sealer)


@pytest.fixture
def portal(settings: Settings, database: Database) -> Flask:
    return create_app(settings, database)


@pytest.fixture
def address(portal: Flask) -> Iterator[str]:
    with served(portal) as address:
        yield address


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


@pytest.fixture
def visit(browser: Browser, address: str, family: Family) -> Iterator[Callable[..., Visit]]:
    pages: list[Page] = []

    def start(size: dict[str, int] = PHONE, **options: object) -> Visit:
        page = open_page(browser, size, **options)
        complaints = complaints_heard(page)
        pages.append(page)
        return Visit(page, address, complaints)

    yield start
    for page in pages:
        page.context.close()


def test_everything_is_done_without_script(visit: Callable[..., Visit]) -> None:
    seen = visit(java_script_enabled=False)
    seen.log_in("p.hoarau", INITIAL_PASSWORD.upper())
    for place in ("#email", "#email_again"):
        seen.page.fill(place, "paul@example.org")
    for place in ("#password", "#password_again"):
        seen.page.fill(place, "lagon calme du dimanche")
    seen.press("Continuer")
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Un message vous attend"
    assert seen.page.get_by_text("paul@example.org").is_visible()
    assert seen.page.get_by_role("button", name="Afficher").count() == 0


def test_the_square_of_a_letter_opens_the_login_with_the_identifier_typed(visit: Callable[..., Visit]) -> None:
    seen, asked = visit(), []
    seen.page.on("request", lambda request: asked.append(request.url))
    seen.open("/connexion#id=m.payet")
    expect(seen.page.locator("#identifier")).to_have_value("m.payet")
    expect(seen.page.locator("#password")).to_be_focused()
    assert seen.page.url.endswith("/connexion")
    seen.page.keyboard.type(PASSWORD)
    seen.page.keyboard.press("Enter")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Vos téléservices")
    # What was sent says nothing of whose letter it is.
    assert not [url for url in asked if "m.payet" in url.partition("#")[0]]
    assert seen.complaints == []


def test_without_script_the_square_opens_the_login_all_the_same(visit: Callable[..., Visit]) -> None:
    seen = visit(java_script_enabled=False)
    seen.open("/connexion#id=m.payet")
    seen.page.fill("#identifier", "m.payet")
    seen.page.fill("#password", PASSWORD)
    seen.press("Se connecter")
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Vos téléservices"


@pytest.mark.parametrize("behind", ["id=%3Cb%3E", "id=M.PAYET", "id=" + "m" * 61, "autre=m"])
def test_anything_else_behind_the_address_types_nothing(visit: Callable[..., Visit], behind: str) -> None:
    seen = visit()
    seen.open(f"/connexion#{behind}")
    expect(seen.page.locator("#identifier")).to_have_value("")


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
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("Vos téléservices")


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


@dataclass
class Walk:
    """The screens somebody sees, and what is to be filled in on each, as the browser shows it."""

    page: Page
    screens: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)

    def see(self, name: str) -> None:
        keep_picture(self.page, f"portail-{name}")
        self.screens.append(self.page.locator("h1").inner_text())

    def fill(self, name: str, **typed: str) -> None:
        self.see(name)
        shown = self.page.locator("main .card form").first.locator("input:visible:not([type=radio])")
        self.fields += shown.evaluate_all("fields => fields.map(field => field.name)")
        for field_name, text in typed.items():
            self.page.fill(f"#{field_name}", text)
        self.page.locator("main .card form button[type=submit]").first.click()


def test_from_the_letter_to_the_open_account_there_are_four_screens_and_six_fields(
    visit: Callable[..., Visit], database: Database, settings: Settings
) -> None:
    seen = visit()
    walk, email, password = Walk(seen.page), "paul@example.org", "lagon calme du dimanche"
    seen.open("/")
    walk.fill("connexion", identifier="p.hoarau", password=INITIAL_PASSWORD)
    walk.fill("premiere-connexion", email=email, email_again=email, password=password, password_again=password)
    walk.see("activation-attente")
    with database.reading() as session:
        link = session.scalars(select(MailedLink).order_by(MailedLink.id.desc()).limit(1)).one()
        seen.open(link_address(settings, link).removeprefix(settings.public_portal_url))
    walk.fill("activation")
    assert seen.page.get_by_text("Le compte p.hoarau est activé.").is_visible()
    assert walk.screens == ["Connexion", "Première connexion", "Un message vous attend", "Activer mon compte"]
    assert walk.fields == ["identifier", "password", "email", "email_again", "password", "password_again"]


WITHOUT_THE_LETTER = (
    "Activer mon compte sans la lettre",
    "Regardez vos messages",
    "Quand un de vos enfants est-il né\u00a0?",
    "Choisir mon mot de passe",
    "Vos téléservices",
)
SMALLEST = {"width": 320, "height": 740}


@pytest.mark.parametrize("script", [True, False])
def test_without_the_letter_there_are_five_screens_and_six_fields(
    visit: Callable[..., Visit], database: Database, settings: Settings, script: bool
) -> None:
    seen = visit(SMALLEST, java_script_enabled=script)
    seen.open("/connexion")
    seen.page.get_by_role("link", name="Je n'ai pas reçu mon identifiant").click()
    walk = activate_without_the_letter(seen, database, settings)
    assert seen.page.get_by_text("Notez votre identifiant\u00a0: s.lebon").is_visible()
    assert walk.screens == [*WITHOUT_THE_LETTER]
    assert walk.fields == ["email", "day", "month", "year", "password", "password_again"]


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one is not FRENCH], ids=lambda one: one.code)
def test_without_the_letter_nor_script_they_are_five_and_six_in_every_language(
    visit: Callable[..., Visit], database: Database, settings: Settings, language: Language
) -> None:
    seen = visit(SMALLEST, java_script_enabled=False)
    seen.open("/connexion")
    seen.press(language.name)
    seen.page.locator("a[href='/sans-lettre']").click()
    walk = activate_without_the_letter(seen, database, settings, before=f"{language.code}-")
    assert walk.screens == [translations(language).gettext(title) for title in WITHOUT_THE_LETTER]
    assert walk.fields == ["email", "day", "month", "year", "password", "password_again"]
    assert "s.lebon" in seen.page.get_by_role("status").inner_text()


def activate_without_the_letter(seen: Visit, database: Database, settings: Settings, before: str = "") -> Walk:
    """From the page that the login page leads to, to the home page; `before` begins the names of the pictures."""
    walk, password = Walk(seen.page), "lagon calme du dimanche"
    walk.fill(f"{before}sans-lettre", email=KNOWN_ADDRESS)
    walk.see(f"{before}sans-lettre-envoye")
    with database.reading() as session:
        link = session.scalars(select(SelfActivation).order_by(SelfActivation.id.desc()).limit(1)).one()
        seen.open(self_activation_address(settings, link).removeprefix(settings.public_portal_url))
    walk.fill(f"{before}sans-lettre-naissance", day="6", month="5", year="2013")
    walk.fill(f"{before}sans-lettre-mot-de-passe", password=password, password_again=password)
    walk.see(f"{before}sans-lettre-accueil")
    return walk


def test_a_merge_takes_two_screens(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.log_in("m.payet")
    walk = Walk(seen.page)
    seen.page.get_by_role("link", name="Réunir mes deux comptes").click()
    walk.fill("fusion", identifier="m.payet1", password=PASSWORD)
    walk.see("fusion-faite")
    assert seen.page.get_by_text("Vos deux comptes sont réunis.").is_visible()
    assert walk.screens == ["Réunir mes deux comptes", "Vos téléservices"]
    assert walk.fields == ["identifier", "password"]


BOXES = """() => {
  const first = document.querySelector(".children > :first-child");
  return [first, ...first.querySelectorAll(".tile")].map(one => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join(" ");
  });
}"""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_first_child_stays_in_place_while_the_rest_of_the_home_is_read(
    visit: Callable[..., Visit], size: dict[str, int]
) -> None:
    """What a browser has read of the page so far lies where it will lie at the end."""
    seen = visit(size)
    seen.log_in("m.payet")
    whole = seen.page.evaluate(BOXES)
    assert len(whole) >= 2
    for later in ("footer.bottom", ".more", ".children > :not(:first-child)"):
        seen.page.locator(later).evaluate_all("found => found.forEach(one => one.remove())")
        assert seen.page.evaluate(BOXES) == whole, later
