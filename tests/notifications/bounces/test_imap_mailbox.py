"""Mails that come back to a mailbox read by IMAP: the same rule as for the folder, and nothing lost (R18)."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from shared.config import Settings
from shared.logs.outage import Outage
from shared.models.notifications import Campaign, DeliveryState, Mode
from shared.models.sending.refusals import FailingAddress
from shared.notifications.bounces import imap_mailbox
from shared.notifications.bounces.imap_mailbox import read_mailbox
from shared.notifications.mail.worker import Postman
from tests.imap import PASSWORD, USER, ImapServer
from tests.notifications.bounces.test_bounces import BOUNCE
from tests.notifications.conftest import School
from tests.smtp import Mailbox


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What bounces change is tested on both databases by `test_bounces`."""
    return sqlite_url


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    with ImapServer() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, imap: ImapServer) -> Settings:
    return settings.model_copy(
        update={
            "bounces_imap_host": "127.0.0.1",
            "bounces_imap_port": imap.port,
            "bounces_imap_tls": "none",
            "bounces_imap_user": USER,
            "bounces_imap_password": PASSWORD,
            "bounces_imap_folder": "Retours",
        }
    )


@pytest.fixture
def campaign(school: School, postman: Postman) -> Campaign:
    """Two mails that were sent."""
    for index in range(2):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    campaign = school.launch(Mode.MAIL)
    assert postman.send_due() == 2
    return campaign


def bounce_of(mailbox: Mailbox, address: str) -> bytes:
    (sent,) = mailbox.to(address)
    values = {"action": "failed", "quoted_as": "message/rfc822", "message_id": str(sent["Message-ID"])}
    return BOUNCE.format(**values).encode()


def failing(school: School) -> list[str]:
    with school.database.reading() as session:
        return list(session.scalars(select(FailingAddress.email)))


def test_a_bounce_is_noted_and_deleted_and_the_rest_left_for_a_person(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, imap: ImapServer
) -> None:
    imap.add(b"Subject: Bonjour\r\n\r\nJe ne recois pas vos courriels.\r\n")
    imap.add(bounce_of(mailbox, "p0@example.org"))
    assert read_mailbox(school.database, settings) == 1
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}
    assert failing(school) == ["p0@example.org"]
    assert {uid: one.flags for uid, one in imap.messages.items()} == {1: {"\\Flagged"}}
    assert imap.folders == ['"Retours"']
    # What a person is to read is not read again.
    assert read_mailbox(school.database, settings) == 0
    assert imap.messages[1].flags == {"\\Flagged"}


def test_a_connection_cut_before_the_deletion_notes_nothing_twice(
    school: School, campaign: Campaign, settings: Settings, mailbox: Mailbox, imap: ImapServer
) -> None:
    imap.add(bounce_of(mailbox, "p0@example.org"))
    imap.hang_up_at = "STORE"
    read_mailbox(school.database, settings)
    assert failing(school) == ["p0@example.org"]
    imap.hang_up_at = None
    read_mailbox(school.database, settings)
    assert imap.messages == {}
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.REFUSED: 1}


@pytest.mark.parametrize("changes", [{"bounces_imap_password": "wrong"}, {"bounces_imap_port": 1}])
def test_a_mailbox_that_lets_nobody_in_is_left_for_the_next_time(
    school: School,
    settings: Settings,
    changes: dict[str, object],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whether it was away before is kept in the process.
    monkeypatch.setattr(imap_mailbox, "_outage", Outage(imap_mailbox._outage._log, "the mailbox of bounces", ""))
    for _ in range(3):
        assert read_mailbox(school.database, settings.model_copy(update=changes)) == 0
    assert caplog.text.count("the mailbox of bounces is away") == 1
    assert PASSWORD not in caplog.text


def test_a_message_that_is_too_long_is_read_in_part(
    school: School, settings: Settings, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_mailbox, "MOST_BYTES", 1000)
    imap.add(b"Subject: long\r\n\r\n" + b"x" * 100_000)
    assert read_mailbox(school.database, settings) == 0
    assert imap.messages[1].flags == {"\\Flagged"}


def test_a_server_that_nobody_vouches_for_never_gets_the_password(
    school: School, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ImapServer(_unknown_certificate(tmp_path)) as impostor:
        impostor.add(b"Subject: x\r\n\r\n")
        trusting = {"bounces_imap_port": impostor.port, "bounces_imap_tls": "tls"}
        assert read_mailbox(school.database, settings.model_copy(update=trusting)) == 0
        assert impostor.folders == []
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text


def _unknown_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
