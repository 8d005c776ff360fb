"""A school with one of everything and the longest names, and how a browser goes about its back office."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.school import Establishment
from shared.models.staff import StaffRoleKind, Tab
from tests.admin.browser import SECRET, code_of
from tests.admin.conftest import School, make_school
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.factories import PASSWORD, make_staff, second_factor

LONG_NAME = "Marie-Antoinette Célimène RAMASSAMY DE LA GRANDE-CHALOUPE"
SMALLEST_TARGET = 24
"""Pixels, for a pointer (WCAG 2.2, 2.5.8)."""


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


def tab_to(page: Page, name: str) -> None:
    """Press the tabulation key until what has this name is reached."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said = page.evaluate("(document.activeElement.labels?.[0] || document.activeElement).innerText")
        # What is said to screen readers alone counts as a line of its own.
        if " ".join(said.split()) == name:
            return
    pytest.fail(f"« {name} » is not reached by keyboard")
