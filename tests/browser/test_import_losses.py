"""Imports that would hurt, in a real browser: cases 05, 06 and 16, and a third of a school (R32)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from admin_app import create_app
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.browser.conftest import DESK, complaints_heard, open_page
from tests.browser.pages import keep_picture, violations_of
from tests.browser.pages.back_office import BackOffice
from tests.browser.serving import served
from tests.browser.test_admin_figures import log_in
from tests.factories import make_establishment, make_staff
from tests.siecle.big_school import big_school

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

CASES = Path(__file__).parents[1] / "siecle" / "cases"
NARROW = {"width": 320, "height": 740}
SIZES = pytest.mark.parametrize("size", [NARROW, {"width": 768, "height": 900}, DESK], ids=["narrow", "tablet", "desk"])


@dataclass
class Office:
    """The head of a school at work, and the worker."""

    page: Page
    address: str
    work: Callable[[], None]

    def send(self, *paths: Path) -> None:
        """Send files, and wait until they are checked."""
        BackOffice(self.page, self.address).send_files(paths)
        self.work()
        self.page.reload()

    def bring_in(self, *paths: Path) -> None:
        """Send files that nothing is asked about, and import them."""
        self.send(*paths)
        self.confirm()

    def confirm(self) -> None:
        """Press the button, and see the import end."""
        self.page.get_by_role("button", name="Confirmer l'import").click()
        self.page.get_by_text("En attente d'import").wait_for()
        self.work()
        self.page.reload()
        expect(self.page.get_by_text("Import terminé")).to_be_visible()

    def look(self, name: str) -> None:
        """Nothing to complain of on what is on the screen."""
        assert violations_of(self.page) == [], name
        keep_picture(self.page, f"pertes-{name}")


@pytest.fixture
def office(browser: Browser, settings: Settings, database: Database, size: dict[str, int]) -> Iterator[Office]:
    with database.writing() as session:
        make_staff(session, "chef", make_establishment(session))

    def work() -> None:
        for upload_id in due_uploads(database, now()):
            work_on_upload(database, settings, upload_id)

    with served(create_app(settings, database)) as address:
        page = open_page(browser, size)
        complaints = complaints_heard(page)
        log_in(page, address, "chef")
        yield Office(page, address, work)
        assert complaints == []
        page.context.close()


@SIZES
def test_a_third_of_a_school_is_lost_only_behind_a_tick_and_accueil_says_so_until_it_was_seen(
    office: Office, tmp_path: Path
) -> None:
    page = office.page
    office.bring_in(*big_school(tmp_path / "whole").both())
    office.send(*big_school(tmp_path / "partial", range(1, 21)).both())
    expect(page.get_by_role("heading", name="Attention : cet import ferait perdre")).to_be_visible()
    office.look("a-confirmer")
    page.get_by_role("button", name="Confirmer l'import").click()
    expect(page.get_by_label("J'ai vérifié ces fichiers")).to_be_focused()
    page.get_by_role("link", name="10 élèves qui partent").click()
    office.look("personnes")
    page.go_back()
    page.get_by_label("J'ai vérifié ces fichiers").check()
    office.confirm()
    office.look("importe")
    page.goto(office.address)
    office.look("accueil")
    page.get_by_role("link", name="1 import a fait perdre").click()
    office.look("historique")
    page.get_by_role("main").get_by_role("row").nth(1).get_by_role("link").first.click()
    office.look("mouvements")
    with page.expect_download() as csv:
        page.get_by_role("button", name="Tout télécharger en CSV").click()
    assert csv.value.suggested_filename.endswith(".csv")
    page.get_by_role("button", name="C'est vu").click()
    page.get_by_text("Accueil n'en parle plus").wait_for()
    page.goto(office.address)
    expect(page.get_by_text("a fait perdre")).to_have_count(0)


@pytest.mark.parametrize("size", [DESK], ids=["desk"])
@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("e2.xml", "r2.xml"), "e2.xml et r2.xml sont de l'année scolaire 2025-2026"),
        (("e.xml", "r2.xml"), "Les fichiers sont de deux années scolaires"),
    ],
    ids=["earlier", "mixed"],
)
def test_another_school_year_is_asked_about(office: Office, names: tuple[str, ...], said: str) -> None:
    case = CASES / "05-school-year"
    office.bring_in(case / "e.xml", case / "r.xml")
    office.send(*(case / name for name in names))
    expect(office.page.get_by_text(said)).to_be_visible()
    office.look(f"annee-{names[0]}")
    office.page.get_by_label("J'ai vérifié ces fichiers").check()
    office.confirm()


@pytest.mark.parametrize("size", [DESK], ids=["desk"])
def test_the_order_of_the_files_loses_no_link(office: Office) -> None:
    case = CASES / "06-order-rentree"
    office.bring_in(case / "e.xml", case / "r.xml")
    office.bring_in(case / "r2.xml")
    expect(office.page.get_by_text("1 lien attend un élève")).to_have_count(1)
    office.bring_in(case / "e2.xml")
    expect(office.page.get_by_text("sans représentant légal")).to_have_count(0)
    office.page.goto(office.address + "/responsables/generer/")
    expect(office.page.get_by_text("n'ont pas encore de compte")).to_contain_text("2\u00a0responsables")


@SIZES
def test_students_without_a_legal_guardian_are_told_wherever_it_matters(office: Office) -> None:
    case, page = CASES / "16-no-guardian", office.page
    office.bring_in(case / "e.xml", case / "r.xml")
    expect(page.get_by_text("2 élèves présents sans représentant légal").first).to_be_visible()
    office.look("sans-responsable-import")
    page.goto(office.address + "/responsables/generer/")
    expect(page.get_by_text("2 élèves présents sans représentant légal")).to_be_visible()
    office.look("sans-responsable-generer")
    page.goto(office.address)
    page.get_by_role("link", name="2 élèves présents sans représentant légal").click()
    expect(page.get_by_text("Ac FAMILLE")).to_be_visible()
    office.look("sans-responsable")
    with page.expect_download() as xlsx:
        page.get_by_role("button", name="en XLSX").click()
    assert xlsx.value.suggested_filename.endswith(".xlsx")
