"""Mails that come back mark the address, and only those that we sent (R18)."""

from pathlib import Path

import pytest
from sqlalchemy import select

from shared import clock
from shared.config import Settings
from shared.journal import SYSTEM
from shared.models.notifications import Campaign, Channel, DeliveryState, FailingAddress, Mode
from shared.notifications.bounce_files import SET_ASIDE, read_bounces
from shared.notifications.retrying import try_all_again
from shared.notifications.sending import Postman
from tests.notifications.conftest import School
from tests.smtp import Mailbox

BOUNCE = """From: MAILER-DAEMON@example.org
To: ne-pas-repondre@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="xx"

--xx
Content-Type: text/plain

Your message could not be delivered.

--xx
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; p0@example.org
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--xx
Content-Type: {quoted_as}

Subject: Votre compte
Message-ID: {message_id}

--xx--
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "bounces").mkdir()
    return settings.model_copy(update={"bounces_dir": tmp_path / "bounces"})


@pytest.fixture
def campaign(school: School, postman: Postman) -> Campaign:
    """Two mails that were sent."""
    for index in range(2):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    campaign = school.launch(Mode.MAIL)
    assert postman.send_due() == 2
    return campaign


def drop(settings: Settings, mailbox: Mailbox, **changes: str) -> None:
    (sent,) = mailbox.to("p0@example.org")
    values = {"action": "failed", "quoted_as": "message/rfc822", "message_id": str(sent["Message-ID"])} | changes
    assert settings.bounces_dir is not None
    (settings.bounces_dir / "1.eml").write_text(BOUNCE.format(**values))


def failing(school: School) -> list[str]:
    with school.database.reading() as session:
        return list(session.scalars(select(FailingAddress.email)))


@pytest.mark.parametrize("quoted_as", ["message/rfc822", "text/rfc822-headers"])
def test_a_mail_that_came_back_is_refused_and_its_address_marked(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, quoted_as: str
) -> None:
    drop(settings, mailbox, quoted_as=quoted_as)
    assert read_bounces(school.database, settings) == 1
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}
    (refused,) = [row for row in school.rows(campaign) if row.delivery is DeliveryState.REFUSED]
    assert "550 5.1.1 no such user" in (refused.error or "")
    assert failing(school) == ["p0@example.org"]
    assert settings.bounces_dir is not None
    assert list(settings.bounces_dir.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "delayed"},
        {"message_id": "<notification.1.000000000000000000000000@example.org>"},
        {"message_id": "<notification.99999999999.000000000000000000000000@example.org>"},
        {"message_id": "<something.else@example.org>"},
        {"quoted_as": "text/plain"},
    ],
)
def test_anything_else_changes_nothing_and_is_set_aside(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, changes: dict[str, str]
) -> None:
    drop(settings, mailbox, **changes)
    assert read_bounces(school.database, settings) == 0
    assert school.states(campaign) == {DeliveryState.SENT: 2}
    assert failing(school) == []
    assert settings.bounces_dir is not None
    assert [path.name for path in (settings.bounces_dir / SET_ASIDE).iterdir()] == ["1.eml"]


def test_who_has_a_failing_address_gets_paper_and_is_named_when_there_is_only_mail(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, postman: Postman
) -> None:
    drop(settings, mailbox)
    read_bounces(school.database, settings)
    skipped = [row.error for row in school.rows(school.launch(Mode.MAIL)) if row.delivery is DeliveryState.SKIPPED]
    assert skipped == ["adresse électronique en échec"]
    postman.send_due()
    channels = {row.channel for row in school.rows(school.launch(Mode.BOTH))}
    assert channels == {Channel.MAIL, Channel.PAPER}


def test_trying_again_trusts_the_address_again(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, postman: Postman
) -> None:
    drop(settings, mailbox)
    read_bounces(school.database, settings)
    instant = clock.now()
    try_all_again(school.session, school.establishment.id, campaign.id, now=instant, today=instant.date(), actor=SYSTEM)
    school.session.commit()
    assert failing(school) == []
    assert postman.send_due() == 1
    assert school.states(campaign) == {DeliveryState.SENT: 2}


def test_without_a_folder_there_is_nothing_to_read(school: School, settings: Settings) -> None:
    assert read_bounces(school.database, settings.model_copy(update={"bounces_dir": None})) == 0
