"""R30: every page of the menu of the back office in a real browser, phone and desk; the new ones by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.school import Establishment
from shared.models.staff import StaffRoleKind, Tab
from tests.admin.browser import SECRET, code_of
from tests.admin.conftest import School, make_school
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.factories import PASSWORD, make_staff, second_factor

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LONG_NAME = "Marie-Antoinette Célimène RAMASSAMY DE LA GRANDE-CHALOUPE"
SMALLEST_TARGET = 24
"""Pixels, for a pointer (WCAG 2.2, 2.5.8)."""


WIDER_THAN_ITS_PLACE = """() => [...document.querySelectorAll("html, .scroll")]
  .filter(place => place.scrollWidth > place.clientWidth)
  .map(place => `${place.tagName} ${place.scrollWidth} > ${place.clientWidth}`)"""


def make_long_named_school(database: Database, sealer: Sealer) -> School:
    """A school with one of everything, long names, and an administrator of the académie."""
    made = make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")
    with database.writing() as session:
        here = session.get_one(Establishment, made.id)
        here.name = "Collège polyvalent expérimental de la Grande-Chaloupe Célimène-Gaudieux Zarzuela"
        tabs = tuple(tab.value for tab in Tab)
        make_staff(session, "marie.ramassamy.grande.chaloupe", here, StaffRoleKind.DELEGATE, tabs, name=LONG_NAME)
        make_staff(session, "academie", kind=StaffRoleKind.ACADEMY, **second_factor(sealer))
    return made


@pytest.fixture
def school(database: Database, sealer: Sealer) -> School:
    """The same, and an administrator of the académie without a second factor yet."""
    made = make_long_named_school(database, sealer)
    with database.writing() as session:
        make_staff(session, "recteur", kind=StaffRoleKind.ACADEMY)
    return made


@pytest.fixture
def address(settings: Settings, database: Database, school: School) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def complaints_about(page: Page, what: str) -> list[str]:
    """Everything that is wrong with a page as it is now; keeps a picture of it."""
    keep_picture(page, f"admin-{what.strip('/').replace('/', '-') or 'accueil'}")
    found = [f"{what}: {violation}" for violation in violations_of(page)]
    if page.locator("h1").count() != 1:
        found.append(f"{what}: not one h1")
    for control in page.locator("main button:visible, main .btn:visible, main select:visible").all():
        box = control.bounding_box()
        if box and box["height"] < SMALLEST_TARGET:
            found.append(f"{what}: too small: {control.evaluate('e => e.outerHTML')}")
    return found


def log_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/connexion/")
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()


def give_code(page: Page) -> None:
    page.get_by_label("Code", exact=True).fill(code_of(SECRET))
    page.get_by_role("button", name="Continuer").click()


def paths_in_menu(page: Page) -> list[str]:
    page.wait_for_load_state()
    links = page.locator("nav.menu a").evaluate_all("links => links.map(link => new URL(link.href).pathname)")
    return list(dict.fromkeys(links))


def paths_beside_the_menu(school: School) -> list[str]:
    return [
        f"/personnels/{school.delegation_id}/",
        f"/personnels/{school.delegation_id}/fin",
        f"/academie/etablissements/{school.id}/",
        f"/academie/catalogue/{school.service_id}/",
        f"/academie/catalogue/{school.service_id}/retirer",
        f"/academie/liens-ent/{school.ent_id}/",
        f"/academie/liens-ent/{school.ent_id}/retirer",
        f"/academie/rattachements/{school.id}/",
        f"/academie/rattachements/{school.id}/{school.tie_id}/",
        "/responsables/en-attente/refus/",
        "/responsables/en-attente/rappel/",
        "/double-authentification/",
        f"/responsables/compte/{school.fiche_id}/",
        f"/responsables/compte/{school.fiche_id}/notifier/",
        f"/services/{school.service_id}/",
        "/responsables/notifier/?vu=1&mode=both",
        "/responsables/notifier/?vu=1&mode=both&aller=confirmer",
        "/parametrage/courriers/reinitialiser?courrier=guardian_new_account&partie=body",
    ]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_of_the_menu_has_anything_to_complain_of(
    browser: Browser, address: str, school: School, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    complaints = complaints_heard(page)
    log_in(page, address, "academie")
    complaints += complaints_about(page, "connexion-code")
    give_code(page)
    menu = paths_in_menu(page)
    assert len(menu) >= 15
    for path in [*menu, *paths_beside_the_menu(school)]:
        page.goto(address + path)
        complaints += complaints_about(page, path)
    page.context.close()
    assert complaints == []


@pytest.mark.parametrize("width", [320, 768, 901, 1280])
def test_no_page_and_no_table_is_to_be_scrolled_sideways(
    browser: Browser, address: str, school: School, width: int
) -> None:
    page = open_page(browser, {"width": width, "height": 900})
    log_in(page, address, "academie")
    give_code(page)
    wider = []
    for path in [*paths_in_menu(page), *paths_beside_the_menu(school)]:
        page.goto(address + path)
        wider += [f"{path}: {what}" for what in page.evaluate(WIDER_THAN_ITS_PLACE)]
    page.context.close()
    assert wider == []


def tab_to(page: Page, name: str) -> None:
    """Press the tabulation key until what has this name is reached."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said = page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).innerText")
        # What is said to screen readers alone counts as a line of its own.
        if " ".join(said.split()) == name:
            return
    pytest.fail(f"« {name} » is not reached by keyboard")


def test_an_administrator_sets_a_second_factor_by_keyboard_alone(browser: Browser, address: str) -> None:
    page = open_page(browser, PHONE)
    log_in(page, address, "recteur")
    expect(page.get_by_text("la double authentification est obligatoire")).to_be_visible()
    tab_to(page, "Votre mot de passe")
    page.keyboard.type(PASSWORD)
    tab_to(page, "Installer la double authentification")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Image à viser")).to_be_visible()
    complaints = complaints_about(page, "double-authentification-qr")
    secret = page.locator("li .identifier").inner_text().replace(" ", "")
    tab_to(page, "Code")
    page.keyboard.type(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vos codes de secours")).to_be_visible()
    complaints += complaints_about(page, "codes-de-secours")
    page.context.close()
    assert complaints == []


def test_a_head_delegates_by_keyboard_alone(browser: Browser, address: str, school: School) -> None:
    page = open_page(browser, DESK)
    log_in(page, address, school.login)
    page.goto(f"{address}/personnels/")
    tab_to(page, "Nom et prénom")
    page.keyboard.type("Jeanne Hoarau")
    tab_to(page, "Identifiant de connexion")
    page.keyboard.type("jeanne.hoarau")
    tab_to(page, "Paramétrage")
    page.keyboard.press("Space")
    tab_to(page, "Déléguer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mot de passe à remettre")).to_be_visible()
    complaints = complaints_about(page, "mot-de-passe-a-remettre")
    tab_to(page, "C'est noté, continuer")
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="jeanne.hoarau")
    expect(row).to_contain_text("Paramétrage")
    page.context.close()
    assert complaints == []
