"""R30: pages of the back office by keyboard alone, in a real browser, phone and desk."""

# ruff: noqa: F811 - a fixture of another module has the name of the parameter that asks for it

import pytest
from playwright.sync_api import Browser, expect

from tests.admin.browser import code_of
from tests.admin.conftest import School
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.long_named_school import address, complaints_about, log_in, school, tab_to  # noqa: F401 - fixtures
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


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
