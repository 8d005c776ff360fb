"""R13, R30: pairs treated one after the other by keyboard alone, on a phone and on a desk; each page through axe."""

# ruff: noqa: F811 - a fixture of another module has the name of the parameter that asks for it

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from shared.database import Database
from shared.models.duplicates import DuplicatePair
from shared.models.fusions import DistinctFiches, Fusion
from shared.models.school import Establishment, Guardian
from tests.admin.conftest import School
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.long_named_school import address, complaints_about, school  # noqa: F401 - fixtures
from tests.duplicates.base import make_pair
from tests.factories import PASSWORD, link, make_account, make_guardian, make_student

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

NAMES = ("RAMASSAMY-DE-LA-CHALOUPE", "VIRAPOULLÉ", "HOARAU", "TÉCHER", "MUSSARD", "ZITTE")
"""No two of which are alike."""


@pytest.fixture
def pairs(database: Database, school: School) -> list[tuple[int, int]]:
    """Six pairs, surest first; in each the second fiche has another address."""
    made = []
    with database.writing() as session:
        here = session.get_one(Establishment, school.id)
        # The one that the school came with is before these, whatever the detection thinks of it.
        session.execute(update(DuplicatePair).values(confidence=0.99))
        for number, name in enumerate(NAMES):
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


def test_every_page_of_duplicates_is_usable(
    browser: Browser,
    address: str,
    pairs: list[tuple[int, int]],
    school: School,
) -> None:
    page = open_page(browser, DESK)
    log_in(page, address)
    wrong = []
    for path in (
        "/base/doublons/",
        f"/base/doublons/{pairs[0][0]}-{pairs[0][1]}/",
        "/base/doublons/par-nom/?q=ramassamy",
        "/base/doublons/lot/?confiance=95",
        "/base/doublons/historique/",
        "/base/doublons/historique/distincts",
        "/base/doublons/historique/suite",
        f"/base/doublons/historique/fusions/{school.fusion_id}",
        "/base/doublons/alerte/",
    ):
        page.goto(address + path)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            wrong += complaints_about(page, f"{path.partition('?')[0]}{size['width']}")
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


def test_what_is_protected_stays_and_what_was_done_is_undone_one_by_one_or_as_a_lot(
    browser: Browser,
    address: str,
    database: Database,
    pairs: list[tuple[int, int]],
    school: School,
) -> None:
    (_, activated), (with_grant, _), both_protected, *others = pairs
    with database.writing() as session:
        for number, guardian_id in enumerate((activated, *both_protected)):
            make_account(session, f"c.ramassamy{number}", session.get_one(Guardian, guardian_id))
        student = make_student(session, session.get_one(Establishment, school.id), scholarship=True)
        link(session, student, session.get_one(Guardian, with_grant))

    def gone() -> set[int]:
        with database.reading() as session:
            return {one for pair in pairs for one in pair if session.get_one(Guardian, one).gone_at is not None}

    page = open_page(browser, DESK)
    log_in(page, address)
    for (one, other), proposed, reason in (
        (pairs[0], activated, "son compte est activé"),
        (pairs[1], with_grant, "liée à une bourse"),
    ):
        page.goto(f"{address}/base/doublons/{one}-{other}/")
        expect(page.locator(f"input[name=garde][value='{proposed}']")).to_be_checked()
        page.keyboard.press("k")
        page.keyboard.press("o")
        expect(page.get_by_role("alert")).to_contain_text(reason)
    page.goto(f"{address}/base/doublons/{both_protected[0]}-{both_protected[1]}/")
    expect(page.locator(".notice-warning")).to_contain_text("Réunir mes deux comptes")
    expect(page.get_by_role("button", name="Fusionner", exact=True)).to_have_count(0)
    assert gone() == set()

    page.goto(f"{address}/base/doublons/lot/?confiance=95")
    expect(page.get_by_text("Ce qui resterait à traiter un par un")).to_be_visible()
    page.get_by_role("button", name="Faire les fusions cochées").click()
    expect(page.get_by_role("status")).to_contain_text("traité")
    assert gone() == {pairs[0][0], pairs[1][1], others[0][1]}
    page.get_by_role("link", name="Annuler le lot").first.click()
    page.get_by_role("button", name="Annuler le lot").click()
    expect(page.get_by_role("status")).to_contain_text("est annulé")
    assert gone() == set()

    page.goto(f"{address}/base/doublons/{pairs[0][0]}-{pairs[0][1]}/")
    page.keyboard.press("o")
    expect(page.get_by_role("status")).to_contain_text("est gardée")
    assert gone() == {pairs[0][0]}
    page.keyboard.press("a")
    expect(page).to_have_url(f"{address}/base/doublons/{pairs[0][0]}-{pairs[0][1]}/")
    expect(page.get_by_role("status")).to_contain_text("est annulée")
    assert gone() == set()
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
    expect(page.get_by_role("status")).to_contain_text("est gardée")
    expect(page.get_by_role("button", name="Annuler")).to_be_visible()
    with database.reading() as session:
        assert session.get_one(Guardian, one).address_line1 == "9 rue du Port"
    page.context.close()
