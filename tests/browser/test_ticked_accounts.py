"""R19: the list of accounts is sorted by its heads, ticked and acted upon, on a desk and on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from admin_app import create_app
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.config import Settings
from shared.database import Database
from shared.demo.school import make_demo_school
from shared.journal import COMMAND
from shared.models.accounts import Account, AccountState
from shared.models.school import Establishment
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.long_named_school import complaints_about
from tests.browser.pages import keep_picture
from tests.browser.serving import served
from tests.browser.test_duplicates import log_in
from tests.factories import at_desk, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def address(settings: Settings, database: Database, sealer: Sealer, tmp_path: Path) -> Iterator[str]:
    """The back office of a small demonstration school whose accounts are generated."""
    [school, _] = make_demo_school(database, tmp_path / "exports", students=40, uai=None, now=clock.now())
    with database.writing() as session:
        here = session.scalars(select(Establishment).where(Establishment.uai == school.written.uai)).one()
        make_staff(session, "chef-a", here)
        generate_accounts(at_desk(session, here.id, now=clock.now(), actor=COMMAND), GUARDIANS, sealer)
    with served(create_app(settings, database)) as at:
        yield at


def disabled(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Account.id)).where(Account.state == AccountState.DISABLED)) or 0


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_accounts_are_sorted_ticked_and_disabled_together(
    browser: Browser, database: Database, address: str, screen: dict[str, int]
) -> None:
    page = open_page(browser, screen)
    log_in(page, address)
    page.goto(f"{address}/responsables/comptes/?presence=presents")
    assert complaints_about(page, "the list of accounts") == []
    page.get_by_role("link", name="Identifiant : trier dans l'ordre croissant").click()
    expect(page.get_by_role("columnheader", name="Identifiant")).to_have_attribute("aria-sort", "ascending")
    assert "presence=presents" in page.url
    named = page.locator("tbody .identifier").all_inner_texts()
    assert named == sorted(named)
    page.get_by_role("checkbox", name="Tout cocher sur cette page").check()
    page.locator("tbody .tick input").first.uncheck()
    ticked = page.locator("tbody .tick input:checked").count()
    keep_picture(page, f"admin-comptes-coches-{'bureau' if screen is DESK else 'telephone'}")
    page.get_by_role("button", name="Désactiver").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Désactiver")
    assert complaints_about(page, "the question") == []
    assert disabled(database) == 0
    keep_picture(page, f"admin-comptes-desactiver-{'bureau' if screen is DESK else 'telephone'}")
    page.get_by_role("button", name="Désactiver").click()
    expect(page.get_by_text(f"Désactiver : {ticked}")).to_be_visible()
    assert disabled(database) == ticked > 0
