"""Figure: a division is notified from « Accueil » in four clicks, each next one in two; they are counted (R16)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import func, select

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.notifications import Notification
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.long_named_school import complaints_about
from tests.browser.serving import served
from tests.browser.test_duplicates import log_in
from tests.factories import make_account, make_division, make_establishment, make_guardian, make_staff, make_student

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

DIVISIONS = [f"{level}{letter}" for level in "6543" for letter in "ABCDEFG"]
FIRST_CLICKS, NEXT_CLICKS = 4, 2


@pytest.fixture
def address(settings: Settings, database: Database, sealer: Sealer) -> Iterator[str]:
    """Twenty-eight divisions of three families."""
    with database.writing() as session:
        school = make_establishment(session)
        make_staff(session, "chef-a", school)
        for code in DIVISIONS:
            division = make_division(session, school, code)
            for number in range(3):
                name = f"F{code}{number}"
                student = make_student(session, school, division, name)
                guardian = make_guardian(session, school, student, last_name=name, email=f"{name}@exemple.fr")
                state = AccountState.NOT_NOTIFIED
                make_account(session, f"m.{name.lower()}", guardian, state=state, sealer=sealer)
    with served(create_app(settings, database)) as at:
        yield at


class Clicks:
    """A mouse that counts."""

    def __init__(self) -> None:
        self.number = 0

    def on(self, what: Locator) -> None:
        what.click()
        self.number += 1


def notified(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Notification)) or 0


def confirm(page: Page, clicks: Clicks) -> None:
    expect(page.get_by_role("heading", name="Confirmer la notification")).to_be_visible()
    clicks.on(page.get_by_role("button", name=re.compile("^Notifier 3 comptes")))
    expect(page.get_by_text("Demandée le")).to_be_visible()


def test_a_division_is_notified_in_four_clicks_and_each_next_one_in_two(
    browser: Browser, address: str, database: Database
) -> None:
    page = open_page(browser, DESK)
    log_in(page, address)
    clicks = Clicks()
    clicks.on(page.get_by_role("link", name="Notifier les responsables"))
    clicks.on(page.get_by_label("3C · 3", exact=True))
    expect(page.get_by_text("3 comptes sélectionnés : 3C – Non notifié")).to_be_visible()
    clicks.on(page.get_by_role("button", name="Continuer"))
    confirm(page, clicks)
    assert clicks.number <= FIRST_CLICKS
    assert notified(database) == 3
    for division in ("3D", "3E"):
        clicks = Clicks()
        clicks.on(page.get_by_role("link", name=f"Division suivante : {division} · 3"))
        confirm(page, clicks)
        assert clicks.number <= NEXT_CLICKS
    assert notified(database) == 9
    page.context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_division_is_in_view_and_the_summary_follows_what_is_ticked(
    browser: Browser, address: str, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    log_in(page, address)
    page.goto(f"{address}/responsables/notifier/")
    summary = page.locator(".summary")
    expect(summary).to_contain_text("84 comptes sélectionnés : toutes les divisions")
    boxes = page.locator(".divisions").all()
    assert [box for box in boxes if box.evaluate("one => one.scrollHeight > one.clientHeight + 1")] == []
    sixth = page.get_by_role("group", name="6e", exact=True)
    sixth.get_by_role("link", name="tout le niveau").click()
    expect(summary).to_contain_text("21 comptes sélectionnés : 6A, 6B, 6C, 6D, 6E, 6F, 6G")
    assert sixth.get_by_role("checkbox", checked=True).count() == 7
    page.get_by_label("6B · 3", exact=True).uncheck()
    page.get_by_label("Légal 2").check()
    expect(summary).to_contain_text("0 compte sélectionné : 6A, 6C")
    expect(page.get_by_label("6A · 0", exact=True)).to_be_checked()
    assert summary.evaluate("one => one.getBoundingClientRect().bottom <= innerHeight")
    assert complaints_about(page, "notifier-niveaux") == []
    page.context.close()
