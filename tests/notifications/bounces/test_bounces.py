"""Mails that come back mark the address, and only those that we sent (R18)."""

import base64
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from shared import clock
from shared.config import Settings
from shared.models.notifications import Campaign, Channel, DeliveryState, Mode
from shared.models.reasons import Reason
from shared.models.sending.refusals import FailingAddress
from shared.notifications.bounces.folder import SET_ASIDE, read_bounces
from shared.notifications.bounces.reading import read_report
from shared.notifications.campaigns.retry import try_all_again
from shared.notifications.mail.worker import Postman
from tests.factories import at_desk
from tests.notifications.bounces.samples import IN_PLAIN_TEXT, MAIL, NOT_THE_ADDRESS, UNKNOWN, dsn, plain
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
    assert skipped == [Reason.FAILING_ADDRESS]
    postman.send_due()
    channels = {row.channel for row in school.rows(school.launch(Mode.BOTH))}
    assert channels == {Channel.MAIL, Channel.PAPER}


def test_trying_again_trusts_the_address_again(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, postman: Postman
) -> None:
    drop(settings, mailbox)
    read_bounces(school.database, settings)
    instant = clock.now()
    try_all_again(at_desk(school.session, school.establishment.id, now=instant), campaign.id)
    school.session.commit()
    assert failing(school) == []
    assert postman.send_due() == 1
    assert school.states(campaign) == {DeliveryState.SENT: 2}


def test_without_a_folder_there_is_nothing_to_read(school: School, settings: Settings) -> None:
    assert read_bounces(school.database, settings.model_copy(update={"bounces_dir": None})) == 0


def come_back(settings: Settings, mailbox: Mailbox, written: str) -> None:
    (sent,) = mailbox.to("p0@example.org")
    assert settings.bounces_dir is not None
    (settings.bounces_dir / "1.eml").write_text(written.replace("{id}", str(sent["Message-ID"])))


@pytest.mark.parametrize(("status", "words"), UNKNOWN)
def test_what_says_that_the_recipient_is_unknown_marks_the_address(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, status: str, words: str
) -> None:
    come_back(settings, mailbox, dsn(status, words))
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == ["p0@example.org"]


@pytest.mark.parametrize(("status", "words"), NOT_THE_ADDRESS)
def test_what_speaks_of_the_server_or_of_the_day_leaves_the_address_alone(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, status: str, words: str
) -> None:
    come_back(settings, mailbox, dsn(status, words))
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == []
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}


@pytest.mark.parametrize(
    "written",
    [
        dsn("5.1.1", "550 5.1.1 User Unknown", text="Your mail was automatically rejected:\nNot enough disk space"),
        dsn("5.0.0", "host/domain does not accept mail"),
    ],
    ids=["full, for people", "a domain without mail"],
)
def test_where_a_report_contradicts_itself_the_address_is_left_alone(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, written: str
) -> None:
    come_back(settings, mailbox, written)
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == []


@pytest.mark.parametrize("form", sorted(IN_PLAIN_TEXT))
def test_servers_that_know_no_report_are_understood(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, form: str
) -> None:
    come_back(settings, mailbox, IN_PLAIN_TEXT[form].replace("{said}", "550 5.1.1 User unknown"))
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == ["p0@example.org"]


@pytest.mark.parametrize("form", sorted(IN_PLAIN_TEXT))
def test_servers_that_know_no_report_speak_of_the_sender_too(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, form: str
) -> None:
    come_back(settings, mailbox, IN_PLAIN_TEXT[form].replace("{said}", "550 5.7.1 blocked using bl.example.net"))
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == []


REPORT = dsn("5.1.1", "550 5.1.1 User unknown")


@pytest.mark.parametrize(
    "written",
    [
        REPORT.replace("message/delivery-status", "message/global-delivery-status").replace("rfc822;", "utf-8;"),
        REPORT.replace("multipart/report; report-type=delivery-status;", "multipart/mixed;"),
        REPORT.replace(MAIL, MAIL.replace("Message-ID: {id}", "Message-ID:\n {id}")),
    ],
    ids=["rfc6533", "in multipart/mixed", "folded"],
)
def test_a_report_is_read_however_it_is_wrapped(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, written: str
) -> None:
    come_back(settings, mailbox, written)
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == ["p0@example.org"]


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_original_headers_that_are_encoded_are_read(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, kind: str
) -> None:
    (sent,) = mailbox.to("p0@example.org")
    quoted = base64.encodebytes(MAIL.replace("{id}", str(sent["Message-ID"])).encode()).decode()
    wanted = f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{quoted}"
    come_back(settings, mailbox, REPORT.replace(f"Content-Type: message/rfc822\n\n{MAIL}", wanted))
    assert read_bounces(school.database, settings) == 1
    assert failing(school) == ["p0@example.org"]


@pytest.mark.parametrize(
    "written",
    [
        plain(
            "Paul <p0@example.org>",
            "Re: Votre compte",
            "Bonjour, le compte de ma fille : user unknown !\n\n> 550 5.1.1",
        ),
        plain("Paul <p0@example.org>", "Absence", "Je suis absent. This mailbox is no longer active.\n"),
        dsn("5.1.1", "550 5.1.1 User unknown", action="delayed"),
        dsn("2.0.0", "250 2.0.0 OK", action="delivered"),
        REPORT.replace("{id}", "<notification.1.000000000000000000000000@example.org>"),
        REPORT.replace("delivery-status; b", "feedback-report; b"),
    ],
    ids=["answer", "absence", "delayed", "delivered", "forged", "complaint"],
)
def test_what_is_no_failure_of_a_mail_of_ours_changes_nothing(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, written: str
) -> None:
    come_back(settings, mailbox, written)
    assert read_bounces(school.database, settings) == 0
    assert failing(school) == []
    assert school.states(campaign) == {DeliveryState.SENT: 2}


def test_nothing_of_a_mail_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        assert read_report(b"From: secret <\nSubject: secret\n\nsecret secret@example.org") is None
    assert caplog.records == []


@pytest.mark.parametrize(
    "written",
    [
        b"Content-Type: message/rfc822\n\n" * 30_000,
        b'Content-Type: multipart/mixed; boundary="a"\n\n--a\n' * 20_000,
        b"From: mailer-daemon@x\nSubject: failure\n\n" + b"user " * 190_000,
        b"From: mailer-daemon@x\nSubject: failure\n\n" + b"<" * 990_000,
        b"From: mailer-daemon@x\nSubject: failure\n\n" + b"original " * 110_000,
        b"From: mailer-daemon@x\nSubject: failure\n\n" + b"no \n" * 240_000,
        b"From: mailer-daemon@x\nSubject: " + b"=?x?b?" * 160_000,
        b"From: a@b\n\n" + b"a@b: 550 user unknown\n" * 45_000,
    ],
)
def test_no_mail_takes_long_to_read(written: bytes) -> None:
    start = time.process_time()
    read_report(written)
    assert time.process_time() - start < 3
