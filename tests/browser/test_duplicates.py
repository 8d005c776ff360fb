"""R13, R30: pairs treated one after the other by keyboard alone, on a phone and on a desk; each page through axe."""

# ruff: noqa: F811 - a fixture of another module has the name of the parameter that asks for it

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared.database import Database
from shared.models.fusions import DistinctFiches, Fusion
from shared.models.school import Establishment, Guardian
from tests.admin.conftest import School
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.test_admin_pages import address, complaints_about, school  # noqa: F401 - fixtures
from tests.duplicates.base import make_pair
from tests.factories import PASSWORD, make_guardian

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def pairs(database: Database, school: School) -> list[tuple[int, int]]:
    """Six pairs, surest first; in each the second fiche has another address."""
    made = []
    with database.writing() as session:
        here = session.get_one(Establishment, school.id)
        for number in range(6):
            name = f"RAMASSAMY-DE-LA-CHALOUPE-{number}"
            one = make_guardian(
                session, here, last_name=name, first_name="Célimène", email=f"celimene.{number}@exemple.fr"
            )
            other = make_guardian(session, here, last_name=name, first_name="Celimene", address_line1="9 rue du Port")
            make_pair(session, one, other, 0.98 - number / 100)
            made.append((one.id, other.id))
    return made


def log_in(page: Page, at: str) -> None:
    page.goto(at)
    page.get_by_label("Identifiant").fill("chef-a")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{at}/")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_duplicates_is_usable(
    browser: Browser,
    address: str,
    pairs: list[tuple[int, int]],
    school: School,
    size: dict[str, int],
) -> None:
    page = open_page(browser, size)
    log_in(page, address)
    wrong = []
    for path in (
        "/base/doublons/",
        f"/base/doublons/{pairs[0][0]}-{pairs[0][1]}/",
        "/base/doublons/lot/?confiance=95",
        "/base/doublons/historique/",
        "/base/doublons/historique/distincts",
        f"/base/doublons/historique/fusions/{school.fusion_id}",
    ):
        page.goto(address + path)
        wrong += complaints_about(page, path.partition("?")[0])
    page.context.close()
    assert wrong == []


def test_a_secretary_treats_pair_after_pair_with_one_key_each(
    browser: Browser,
    address: str,
    database: Database,
    pairs: list[tuple[int, int]],
    school: School,
) -> None:
    page = open_page(browser, DESK)
    log_in(page, address)
    page.goto(f"{address}/base/doublons/")
    page.get_by_role("link", name="Traiter un par un").click()
    for key, (one, other) in zip("ponkop", [school.pair_ids, *pairs], strict=False):
        expect(page).to_have_url(f"{address}/base/doublons/{one}-{other}/")
        if key == "k":
            page.keyboard.press("k")
            expect(page.locator(f"input[name=garde][value='{other}']")).to_be_checked()
            key = "o"
        page.keyboard.press(key)
    expect(page).to_have_url(f"{address}/base/doublons/{pairs[5][0]}-{pairs[5][1]}/")
    with database.reading() as session:
        kept = set(session.scalars(select(Fusion.kept_id).where(Fusion.id > school.fusion_id)))
        told_apart = session.scalars(
            select(DistinctFiches.first_id).where(DistinctFiches.id > school.decision_id)
        ).all()
    assert kept == {pairs[0][0], pairs[2][1], pairs[3][0]}
    assert told_apart == [pairs[1][0]]
    # The keys can be turned off, for whoever speaks to the computer.
    page.get_by_label("Raccourcis clavier").uncheck()
    page.keyboard.press("o")
    page.reload()
    page.keyboard.press("o")
    expect(page).to_have_url(f"{address}/base/doublons/{pairs[5][0]}-{pairs[5][1]}/")
    with database.reading() as session:
        assert session.get_one(Guardian, pairs[5][1]).gone_at is None
    page.context.close()


def test_without_a_script_everything_is_done_by_pressing(
    browser: Browser,
    address: str,
    database: Database,
    pairs: list[tuple[int, int]],
) -> None:
    page = open_page(browser, PHONE, java_script_enabled=False)
    log_in(page, address)
    one, other = pairs[0]
    page.goto(f"{address}/base/doublons/{one}-{other}/")
    page.get_by_label("Adresse de la fiche").last.check()
    page.get_by_role("button", name="Fusionner").click()
    expect(page.get_by_role("status")).to_contain_text("peut être annulée")
    with database.reading() as session:
        assert session.get_one(Guardian, one).address_line1 == "9 rue du Port"
    page.context.close()
