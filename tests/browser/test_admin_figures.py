"""The figures, the files, the help and the paper of the back office, in a real browser, on a phone and on a desk."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from admin_app import create_app
from admin_app.ui.help import TOPICS
from shared.config import Settings
from shared.database import Database
from tests.admin.conftest import School, make_school
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PAGES = {
    "accueil": "/",
    "statistiques": "/statistiques/",
    "statistiques-eleves": "/statistiques/?de=eleves",
    "exporter": "/responsables/exports/?q=zar",
    "fiches": "/responsables/fiches/?voir=courriels",
    "journal": "/journal/?tout=1",
    "quoi-de-neuf": "/quoi-de-neuf/",
    "imprimer-comptes": "/responsables/comptes/?imprimer=1",
}


@pytest.fixture
def school(database: Database, sealer) -> School:
    return make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")


@pytest.fixture
def address(settings: Settings, database: Database, school: School) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def log_in(page: Page, address: str, login: str) -> None:
    page.goto(address)
    page.get_by_label("Identifiant").fill(login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Impression").wait_for()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_has_anything_to_complain_of(browser: Browser, address: str, school: School, size) -> None:
    page = open_page(browser, size)
    complaints = complaints_heard(page)
    log_in(page, address, school.login)
    help_pages = {f"aide-{topic.code}": f"/aide/{topic.code}/" for topic in TOPICS[:1]}
    for name, path in {**PAGES, **help_pages}.items():
        page.goto(address + path)
        complaints += [f"{name}: {violation}" for violation in violations_of(page)]
        keep_picture(page, f"admin-{name}")
    page.context.close()
    assert complaints == []


def test_a_finger_on_a_bar_reads_its_value_and_the_table_says_it_to_a_screen_reader(
    browser: Browser, address: str, school: School
) -> None:
    page = open_page(browser, {"width": 320, "height": 740}, has_touch=True, is_mobile=True)
    log_in(page, address, school.login)
    page.goto(f"{address}/statistiques/")
    chart = page.locator(".chart").first
    expect(chart.get_by_role("img")).to_have_accessible_name(re.compile("Le tableau qui suit donne les mêmes nombres"))
    bars = chart.locator("svg[role=img] rect")
    bar = next(one for one in bars.all() if (one.bounding_box() or {"width": 0})["width"] >= 1)
    bar.tap()
    expect(chart.locator(".chart-value")).to_have_text(bar.locator("title").text_content() or "nothing")
    expect(page.locator("section:has(> .chart) table").first).to_be_visible()
    page.context.close()


def test_paper_shows_the_list_and_nothing_to_press(browser: Browser, address: str, school: School) -> None:
    page = open_page(browser, DESK)
    log_in(page, address, school.login)
    page.goto(f"{address}/responsables/notifier/?vu=1&mode=both&imprimer=1")
    assert page.get_by_role("button", name="Imprimer").is_visible()
    page.emulate_media(media="print")

    assert page.locator("main tbody tr").first.is_visible()
    assert page.get_by_text("imprimé le").is_visible()
    for hidden in ("nav.menu", "nav.beside", "main button", "main form.criteria"):
        assert not any(one.is_visible() for one in page.locator(hidden).all()), hidden
    page.context.close()


def test_a_table_is_downloaded_twice_in_a_row(browser: Browser, address: str, school: School) -> None:
    page = open_page(browser, DESK)
    log_in(page, address, school.login)
    page.goto(f"{address}/statistiques/")
    page.get_by_text("Comptes, par état").first.click()
    for _ in range(2):
        with page.expect_download() as downloaded:
            page.get_by_role("button", name="CSV de Comptes, par état").click()
        assert downloaded.value.suggested_filename.startswith("statistiques-responsables-etat-9740001A-")
    page.context.close()
