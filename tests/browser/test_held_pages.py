"""« Fiches retenues » in a real browser: read and decided upon, on a narrow screen and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from admin_app import create_app
from shared.config import Settings
from shared.database import Database
from shared.models.holds import HoldAnswer, HoldDecision
from shared.models.school import Guardian, Hold
from tests.admin.conftest import School, make_school
from tests.browser.conftest import DESK, complaints_heard, open_page
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.browser.test_admin_figures import log_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

NARROW = {"width": 320, "height": 740}


@pytest.fixture
def school(database: Database, sealer) -> School:
    school = make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")
    with database.writing() as session:
        guardian = session.get_one(Guardian, school.fiche_id)
        guardian.hold, guardian.staff_note = Hold.DECEASED, "DECEDE LE 12/03/2024, NE PLUS ECRIRE A CETTE ADRESSE"
        guardian.written_family_name = "ZARZUELA (DECEDE LE 12/03/2024, NE PLUS ECRIRE A CETTE ADRESSE)"
        session.get_one(Guardian, school.active_id).staff_note = "PLACE ASE"
    return school


@pytest.fixture
def address(settings: Settings, database: Database, school: School) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


@pytest.mark.parametrize("size", [NARROW, DESK], ids=["narrow", "desk"])
def test_a_fiche_that_is_held_back_is_read_and_decided_upon(
    browser: Browser, address: str, database: Database, school: School, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    complaints = complaints_heard(page)
    log_in(page, address, school.login)
    pages = {
        "accueil": "/",
        "retenues": "/responsables/retenues/",
        "carte": f"/responsables/compte/{school.fiche_id}/",
        "comptes": "/responsables/comptes/",
        "confirmer": "/responsables/notifier/?vu=1&mode=both&aller=confirmer",
    }
    for name, path in pages.items():
        page.goto(address + path)
        assert violations_of(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
        keep_picture(page, f"retenues-{name}")
    page.goto(address + pages["retenues"])
    page.get_by_role("button", name="Ne pas écrire").click()
    page.get_by_text("Aucune fiche n'attend de décision.").wait_for()
    page.get_by_role("link", name="Décidées").click()
    keep_picture(page, "retenues-decidees")
    page.get_by_role("button", name="Écrire quand même").click()
    page.get_by_text("sera notifié comme les autres").wait_for()
    with database.reading() as session:
        assert session.query(HoldDecision).one().answer is HoldAnswer.WRITE
    assert complaints == []
    page.context.close()
