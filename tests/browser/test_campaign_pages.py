"""The page of a campaign under way, with the mail server away, paused, cancelled: with axe, on a phone and a desk."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.journal import COMMAND
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode, Notification
from shared.models.sending.outages import ChannelOutage
from shared.notifications.campaigns.control import pause
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from tests.browser.conftest import DESK, PHONE, open_page
from tests.browser.letters_school import HEAD, families_to_notify, school_to_notify
from tests.browser.long_named_school import log_in
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.factories import at_desk

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def campaign(database: Database, sealer: Sealer) -> Campaign:
    """Thirty mails in three divisions, half of them sent and one refused, while the mail server is away."""
    with database.writing() as session:
        school = school_to_notify(session)
        names = [f"FAMILLE{number:02}" for number in range(30)]
        divisions = ("6A", "6B", "5A")
        families_to_notify(session, sealer, school, names, divisions, lambda one: {"email": f"famille{one}@exemple.fr"})
        instant = now()
        launched = launch(
            at_desk(session, school.id, now=instant - timedelta(minutes=3), actor=COMMAND, today=instant.date()),
            Criteria(),
            Mode.MAIL,
            request_key="key",
        )
        refused = "réponse du serveur de courriel : 550 5.1.1 boîte inconnue"
        for rows, values in (
            (Notification.position <= 15, {"delivery": DeliveryState.SENT}),
            (Notification.position == 3, {"delivery": DeliveryState.REFUSED, "error": refused}),
        ):
            session.execute(update(Notification).where(rows).values(settled_at=instant, next_attempt_at=None, **values))
        session.add(
            ChannelOutage(
                channel=Channel.MAIL,
                since=instant - timedelta(minutes=2),
                trials=2,
                next_trial_at=instant + timedelta(minutes=1),
                reason="serveur de courriel injoignable : [Errno 111] Connection refused",
            )
        )
        return launched


@pytest.fixture
def address(settings: Settings, database: Database) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_page_of_a_campaign_says_what_keeps_it(
    browser: Browser, address: str, campaign: Campaign, database: Database, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    log_in(page, address, HEAD)
    where = f"{address}/responsables/notifications/{campaign.id}/"
    complaints = []

    def look(name: str) -> None:
        keep_picture(page, f"admin-campagne-{name}")
        complaints.extend(f"{name}: {violation}" for violation in violations_of(page))

    page.goto(where)
    expect(page.get_by_text("Le serveur de courriel ne prend plus rien")).to_be_visible()
    page.get_by_text("Par division").click()
    look("en-panne")
    with database.writing() as session:
        session.query(ChannelOutage).delete()
        pause(at_desk(session, campaign.establishment_id, now=now(), actor=COMMAND), campaign.id)
    # The page follows by itself.
    expect(page.get_by_text("Suspendue depuis le")).to_be_visible()
    look("suspendue")
    page.get_by_role("link", name="Annuler ce qui n'est pas parti…").click()
    look("annuler")
    page.get_by_role("button", name="Annuler ce qui n'est pas parti").click()
    expect(page.get_by_text("ce qui n'était pas parti ne partira pas").first).to_be_visible()
    look("annulee")
    page.context.close()
    assert complaints == []
