"""R13: the duplicates of a demonstration, treated by keyboard alone until the list is empty; keys are counted."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from admin_app import create_app
from shared import clock
from shared.config import Settings
from shared.database import Database
from shared.demo.school import DemoSchool, make_demo_school
from shared.duplicates.pairs.queries import count_untreated, likely_duplicates, referred_duplicates
from shared.journal import COMMAND
from shared.models.fusions import Fusion
from shared.models.school import Establishment
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from tests.browser.conftest import DESK, open_page
from tests.browser.pages import keep_picture
from tests.browser.serving import served
from tests.browser.test_duplicates import log_in
from tests.duplicates.base import dump
from tests.factories import make_account, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

STUDENTS = 600
"""Enough for eighty pairs."""
BOTH_ACTIVATED = 4
"""Pairs of which both fiches hold an activated account."""
SKIPPED, UNDONE_FUSION, UNDONE_DISTINCTION = 5, 10, 20
"""After how many decisions the secretary leaves a pair for later, and changes her mind."""


@pytest.fixture
def demonstration(database: Database, tmp_path: Path) -> DemoSchool:
    [school, _] = make_demo_school(database, tmp_path / "exports", students=STUDENTS, uai=None, now=clock.now())
    with database.writing() as session:
        here = establishment(session, school)
        make_staff(session, "chef-a", here)
        for number, pair in enumerate(likely_duplicates(session, here.id, limit=BOTH_ACTIVATED)):
            make_account(session, f"a.prem{number}", pair.first)
            make_account(session, f"a.sec{number}", pair.second)
    return school


@pytest.fixture
def address(settings: Settings, database: Database, demonstration: DemoSchool) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def establishment(session: Session, school: DemoSchool) -> Establishment:
    return session.scalars(select(Establishment).where(Establishment.uai == school.written.uai)).one()


class Secretary:
    """Who presses keys, one at a time, and counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, key: str) -> None:
        """Press a key, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.keys += 1

    @property
    def is_done(self) -> bool:
        return self.page.get_by_text("Aucun doublon probable à traiter").is_visible()

    def decide(self) -> None:
        """Fuse what may be fused; what is protected is left to the parent."""
        self.press("m" if self.page.get_by_role("button", name="à fusionner par le parent").is_visible() else "o")

    def undo(self, shown: str) -> None:
        """Undo the last decision: the pair that it was about is shown again."""
        self.press("a")
        expect(self.page).to_have_url(shown)
        expect(self.page.get_by_role("status")).to_contain_text("Décidez à nouveau")


def test_the_list_is_treated_to_the_end_with_no_more_keys_than_pairs(
    browser: Browser, address: str, database: Database, demonstration: DemoSchool
) -> None:
    with database.reading() as session:
        school_id = establishment(session, demonstration).id
        pairs = count_untreated(session, school_id)
    page = open_page(browser, DESK)
    log_in(page, address)
    page.goto(f"{address}/base/doublons/")
    secretary = Secretary(page)
    secretary.press("t")
    decisions, skipped = 0, ""
    while not secretary.is_done:
        shown = page.url
        if decisions == SKIPPED and not skipped:
            skipped = shown
            secretary.press("p")
            continue
        if decisions == UNDONE_DISTINCTION:
            secretary.press("n")
            secretary.undo(shown)
        secretary.decide()
        decisions += 1
        if decisions == UNDONE_FUSION:
            secretary.undo(shown)
            secretary.decide()
        last = shown
    keep_picture(page, "admin-doublons-fin")
    page.context.close()

    print(f"{pairs} pairs, {decisions} decisions, {secretary.keys} keys")
    assert pairs >= 80
    assert last == skipped
    assert secretary.keys <= pairs
    with database.reading() as session:
        assert count_untreated(session, school_id) == 0
        assert len(referred_duplicates(session, school_id)) >= BOTH_ACTIVATED
        standing = select(Fusion.id).where(Fusion.establishment_id == school_id, Fusion.undone_at.is_(None))
        assert len(session.scalars(standing).all()) > pairs // 2
        treated = dump(session)
    import_files(
        database,
        demonstration.written.files,
        Asked(
            actor=COMMAND,
            now=datetime.now(UTC),
            uai=demonstration.written.uai,
            accept_older=True,
            accept_losses=True,
        ),
    )
    with database.reading() as session:
        assert count_untreated(session, school_id) == 0
        assert dump(session) == treated
