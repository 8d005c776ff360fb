"""R19: from any page, any family of the demonstration school is found in at most twelve keys; they are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from admin_app import create_app
from admin_app.views.search import SUGGESTED
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.directory.search import find_families
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.config import Settings
from shared.database import Database
from shared.demo.school import make_demo_school
from shared.journal import COMMAND
from shared.models.school import Establishment, Guardian
from shared.persons.names import fold
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.long_named_school import complaints_about
from tests.browser.serving import served
from tests.browser.test_duplicates import log_in
from tests.factories import at_desk, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STUDENTS_OF_THE_SCHOOL = 300
MOST_KEYS = 12
TRIED_IN_THE_BROWSER = 5


@dataclass(frozen=True)
class Found:
    """What to type for a family, and how often to press the arrow."""

    guardian_id: int
    typed: str
    arrows: int

    @property
    def keys(self) -> int:
        """The slash, the letters, the arrows, and Enter."""
        return 1 + len(self.typed) + self.arrows + 1


@pytest.fixture
def school_id(database: Database, sealer: Sealer, tmp_path: Path) -> int:
    now = clock.now()
    students = STUDENTS_OF_THE_SCHOOL
    [school, _] = make_demo_school(database, tmp_path / "exports", students=students, uai=None, now=now)
    with database.writing() as session:
        here = session.scalars(select(Establishment).where(Establishment.uai == school.written.uai)).one()
        generate_accounts(at_desk(session, here.id, now=now, actor=COMMAND), GUARDIANS, sealer)
        make_staff(session, "chef-a", here)
        return here.id


@pytest.fixture
def address(settings: Settings, database: Database, school_id: int) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def worst_families(database: Database, school_id: int) -> list[Found]:
    """How each guardian with an account is found by who knows a name, a child or a division; most keys first."""
    found = []
    with database.reading() as session:
        holders = session.scalars(
            select(Guardian).where(Guardian.establishment_id == school_id, Guardian.account_id.is_not(None))
        ).all()
        for guardian in holders:
            last, first = fold(guardian.last_name), fold(guardian.first_name)
            tries = [f"{last[:3]} {first[:3]}", f"{last[:4]} {first[:4]}"]
            for child in (link.student for link in guardian.guardianships):
                called = fold(child.first_name)
                division = fold(child.division.code).replace(" ", "") if child.division else ""
                tries += [f"{last[:3]} {first[:2]} {called[:2]}", f"{last[:3]} {called[:3]}", f"{last[:3]} {division}"]
            found.append(
                min((_found(session, school_id, guardian, typed) for typed in tries), key=lambda one: one.keys)
            )
    return sorted(found, key=lambda one: -one.keys)


def _found(session, school_id: int, guardian: Guardian, typed: str) -> Found:  # type: ignore[no-untyped-def]
    hits = find_families(session, school_id, (GUARDIANS, STUDENTS), typed, clock.now().date(), limit=SUGGESTED)
    listed = [hit.fiche.id for hit in hits if hit.account is not None and hit.population is GUARDIANS]
    return Found(guardian.id, typed, listed.index(guardian.id) + 1 if guardian.id in listed else 99)


def test_any_family_is_found_in_at_most_twelve_keys_by_whoever_has_a_pointer_a_screen_reader_or_no_script(
    browser: Browser, address: str, database: Database, school_id: int
) -> None:
    families = worst_families(database, school_id)
    print(f"{len(families)} families, {families[0].keys} keys at most")
    assert len(families) > STUDENTS_OF_THE_SCHOOL
    assert families[0].keys <= MOST_KEYS
    find_by_keyboard(browser, address, families[:TRIED_IN_THE_BROWSER])
    assert find_by_pointer(browser, address, families[-1]) == []
    find_without_a_script(browser, address, families[-1])


def find_by_keyboard(browser: Browser, address: str, families: list[Found]) -> None:
    page = open_page(browser, DESK)
    log_in(page, address)
    for family in families:
        page.goto(f"{address}/journal/")
        page.keyboard.press("/")
        page.keyboard.type(family.typed)
        expect(suggested_for(page, family).nth(family.arrows - 1)).to_be_visible()
        for _ in range(family.arrows):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{address}/responsables/compte/{family.guardian_id}/")
    page.context.close()


def suggested_for(page: Page, family: Found) -> Locator:
    """What is suggested for all that was typed: those opened last, and of its beginning, stand there before."""
    return page.locator(f"#suggestions[data-asked='{family.typed}'] [role=option]")


def find_by_pointer(browser: Browser, address: str, family: Found) -> list[str]:
    """What is wrong with what is suggested and found, on a desk and a phone."""
    page = open_page(browser, DESK)
    log_in(page, address)
    box = page.get_by_role("combobox", name="Chercher une famille")
    wrong = []
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        box.fill("")
        box.fill(family.typed)
        expect(suggested_for(page, family).first).to_be_visible()
        box.press("ArrowDown")
        expect(box).to_have_attribute("aria-activedescendant", "suggestion-0")
        wrong += complaints_about(page, f"recherche-suggestions-{size['width']}")
        box.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
    box.fill(family.typed)
    suggested_for(page, family).first.click()
    expect(page).to_have_url(f"{address}/responsables/compte/{family.guardian_id}/")
    # Opened once, it comes before anything is typed.
    page.goto(f"{address}/journal/")
    page.keyboard.press("/")
    expect(page.get_by_text("Derniers comptes ouverts")).to_be_visible()
    page.goto(f"{address}/recherche/?q={family.typed[:2]}")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        wrong += complaints_about(page, f"recherche-{size['width']}")
    page.context.close()
    return wrong


def find_without_a_script(browser: Browser, address: str, family: Found) -> None:
    page = open_page(browser, PHONE, java_script_enabled=False)
    log_in(page, address)
    page.get_by_label("Chercher une famille").fill(family.typed)
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("h1")).to_be_visible()
    expect(
        page.locator(f"a[href$='/responsables/compte/{family.guardian_id}/']").or_(page.locator("h1"))
    ).not_to_have_count(0)
    page.context.close()
