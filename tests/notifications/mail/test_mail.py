"""What a mail holds, and how the server's answers are understood (R5, R7, R8, R18)."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy.orm import Session

from shared.accounts.login.mailed_links import create_link, link_address
from shared.config import Settings
from shared.languages import FRENCH, LANGUAGES, Language
from shared.models.access.self_activations import SelfActivation
from shared.models.accounts import Account, AccountState, LinkPurpose
from shared.models.notifications import AccountMailKind, DeliveryState, Mode
from shared.models.teleservices import EntLink, EstablishmentSettings, LetterType
from shared.notifications.mail.rendering import MailText, date_and_time, long_date
from shared.notifications.mail.smtp import MailServer, OutgoingMail
from shared.notifications.mail.worker import Postman
from shared.notifications.outbox.leases import PermanentFailure, ServerUnavailable, TemporaryFailure
from shared.outbox import AccountMessage, queue_account_mail
from tests.factories import INITIAL_PASSWORD, NOW, link
from tests.notifications.conftest import School
from tests.signs import loose_signs, loose_signs_of_text
from tests.smtp import Mailbox, html_of, text_of

WORDS = MailText(FRENCH, "Objet", "Texte", "<p>Texte</p>")


def a_mail(**changes: object) -> OutgoingMail:
    values: dict[str, object] = {
        "recipient": "m.payet@example.org",
        "words": WORDS,
        "sender_name": "Collège des Filaos, annexe « A »",
        "message_id": "<1@example.org>",
    }
    return OutgoingMail(**(values | changes))  # type: ignore[arg-type]


def send(settings: Settings, *mails: OutgoingMail) -> None:
    with MailServer(settings).connect() as outgoing:
        for mail in mails:
            outgoing.send(mail)


def test_the_mail_of_a_new_account_says_all_that_is_needed(school: School, postman: Postman, mailbox: Mailbox) -> None:
    account, guardian, _ = school.family("PAYET", email="m.payet@example.org", child="Léa")
    link(school.session, school.student("PAYET", "Tom", "3B"), guardian)
    school.session.add(
        EstablishmentSettings(
            establishment_id=school.establishment.id, contact_active=True, contact_email="vie.scolaire@example.org"
        )
    )
    school.launch(Mode.MAIL)
    assert postman.send_due() == 1
    (message,) = mailbox.to("m.payet@example.org")
    deadline = long_date(school.account(account).expires_on)
    for part in (text_of(message), html_of(message)):
        for words in (account.identifier, INITIAL_PASSWORD, deadline, "Léa PAYET (6A)", "Tom PAYET (3B)"):
            assert words in part.replace("\n", " ")
        assert "https://portail.example.org" in part
    assert "Collège des Filaos" in str(message["From"])
    assert message["Reply-To"] == "vie.scolaire@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert "http" not in html_of(message).replace("https://portail.example.org", "")


def test_names_are_escaped_in_the_html_part(school: School, postman: Postman, mailbox: Mailbox) -> None:
    school.family("<script>alert(1)</script>", email="x@example.org", child="<b>Léa</b>", identifier="x.script")
    school.establishment.name = "Collège <i>des</i> Filaos"
    school.launch(Mode.MAIL)
    postman.send_due()
    (message,) = mailbox.messages
    assert "<script" not in html_of(message)
    assert "<b>Léa" not in html_of(message)
    assert "<b>Léa</b>" in text_of(message)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AccountState.ACTIVATING, "Demandez un nouveau message d'activation"),
        (AccountState.ACTIVE, "« Mot de passe oublié »".replace("« ", "«\xa0").replace(" »", "\xa0»")),
    ],
)
def test_a_reminder_never_shows_a_password(
    school: School, postman: Postman, mailbox: Mailbox, state: AccountState, words: str
) -> None:
    account, _, _ = school.family("PAYET", email="base@example.org", state=state)
    school.launch(Mode.MAIL)
    postman.send_due()
    (message,) = mailbox.messages
    text = text_of(message).replace("\n", " ")
    assert words in text
    assert account.identifier in text
    assert "provisoire" not in text
    assert school.account(account).state is state


def test_a_new_initial_password_of_a_used_account_is_shown(school: School, postman: Postman, mailbox: Mailbox) -> None:
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVE)
    account.initial_password, account.must_change_password = school.sealer.seal(INITIAL_PASSWORD), True
    school.launch(Mode.MAIL)
    postman.send_due()
    assert INITIAL_PASSWORD in text_of(mailbox.messages[0])
    assert "nouveau mot de passe" in str(mailbox.messages[0]["Subject"])


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        (AccountMailKind.ACTIVATION, LinkPurpose.ACTIVATION),
        (AccountMailKind.PASSWORD_RESET, LinkPurpose.PASSWORD_RESET),
        (AccountMailKind.EMAIL_CHANGE, LinkPurpose.EMAIL_CHANGE),
    ],
)
def test_a_mail_with_a_link_carries_its_address_and_its_end(
    school: School,
    settings: Settings,
    postman: Postman,
    mailbox: Mailbox,
    kind: AccountMailKind,
    purpose: LinkPurpose,
) -> None:
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVATING)
    mailed = create_link(school.session, account, purpose, "new@example.org", NOW)
    queue_account_mail(school.session, AccountMessage(kind, link=mailed), account, "new@example.org", NOW)
    school.session.commit()
    assert postman.send_due() == 1
    (message,) = mailbox.to("new@example.org")
    for part in (text_of(message), html_of(message)):
        assert link_address(settings, mailed) in part
        assert account.identifier in part
    assert long_date(mailed.expires_at + timedelta(hours=4)) in text_of(message).replace("\n", " ")


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        (AccountMailKind.PASSWORD_CHANGED, {}, "a été changé le 1er septembre 2026 à 12 h 00"),
        (AccountMailKind.EMAIL_CHANGE_ASKED, {"email": "new@example.org"}, "Changez vite votre mot de passe"),
        (AccountMailKind.EMAIL_CHANGED, {"email": "new@example.org"}, "new@example.org"),
        (AccountMailKind.MERGED, {"kept": "m.payet", "absorbed": "m.payet1"}, "m.payet1"),
        (AccountMailKind.PASSKEY_ADDED, {}, "une nouvelle clé d'accès ouvre votre compte"),
        (AccountMailKind.PASSKEYS_REMOVED, {}, "ont été retirées de votre compte"),
        (AccountMailKind.NEW_DEVICE, {}, "un navigateur que nous ne connaissions pas"),
        (AccountMailKind.ERASURE_COMING, {"due_on": "2026-10-01", "reason": "unused"}, "effacé le 1er octobre 2026"),
        (AccountMailKind.ERASURE_COMING, {"due_on": "2026-10-01", "reason": "without_fiche"}, "ne connaît plus"),
    ],
)
def test_a_mail_tells_what_was_done_to_the_account(
    school: School,
    postman: Postman,
    mailbox: Mailbox,
    kind: AccountMailKind,
    details: dict[str, str],
    words: str,
) -> None:
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVE)
    queue_account_mail(school.session, AccountMessage(kind, details=details), account, "old@example.org", NOW)
    school.session.commit()
    postman.send_due()
    (message,) = mailbox.to("old@example.org")
    assert words in text_of(message).replace("\n", " ").replace("\xa0", " ")


@pytest.mark.parametrize("language", LANGUAGES, ids=[language.code for language in LANGUAGES])
def test_a_mail_says_which_language_it_is_written_in(
    school: School, postman: Postman, mailbox: Mailbox, language: Language
) -> None:
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVE)
    account.language = language.code
    queue_account_mail(school.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, "m@example.org", NOW)
    school.session.commit()
    postman.send_due()
    (message,) = mailbox.to("m@example.org")
    assert message["Content-Language"] == language.html
    assert f'lang="{language.html}"' in html_of(message)


def test_a_link_replaced_since_is_not_mailed(school: School, postman: Postman, mailbox: Mailbox) -> None:
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVATING)
    old = create_link(school.session, account, LinkPurpose.ACTIVATION, "a@example.org", NOW)
    mail = queue_account_mail(
        school.session, AccountMessage(AccountMailKind.ACTIVATION, link=old), account, "a@example.org", NOW
    )
    create_link(school.session, account, LinkPurpose.ACTIVATION, "a@example.org", NOW)
    school.session.commit()
    assert postman.send_due() == 0
    assert mailbox.messages == []
    school.session.refresh(mail)
    assert mail.delivery is DeliveryState.SKIPPED


@pytest.mark.parametrize("said", [b"2", b"220-wait\r\n"], ids=["a line without end", "lines without end"])
def test_a_server_that_says_a_little_now_and_then_does_not_hold_the_worker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    """Never silent for long: no time-out of a silence ends it."""
    monkeypatch.setattr("shared.notifications.mail.smtp.SECONDS_PER_MAIL", 0.5)
    with drip(said) as port, pytest.raises(ServerUnavailable, match="injoignable"):
        send(settings.model_copy(update={"smtp_port": port}), a_mail())


@contextmanager
def drip(said: bytes) -> Iterator[int]:
    """The port of a server that says these bytes again and again, to the one who comes."""
    over = Event()

    def talk(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client, suppress(OSError):
            while not over.wait(0.01):
                client.sendall(said)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        talking = Thread(target=talk, args=(listening,), daemon=True)
        talking.start()
        yield listening.getsockname()[1]
        over.set()
        talking.join()


def test_one_connection_serves_many_messages(settings: Settings, mailbox: Mailbox) -> None:
    send(settings, *(a_mail(message_id=f"<{number}@example.org>") for number in range(5)))
    assert len(mailbox.messages) == 5
    assert mailbox.connections == 1


def test_a_sender_with_commas_and_accents_stays_one_address(settings: Settings, mailbox: Mailbox) -> None:
    send(settings, a_mail())
    (sender,) = mailbox.messages[0]["From"].addresses
    assert sender.display_name == "Collège des Filaos, annexe « A »"
    assert sender.addr_spec == "ne-pas-repondre@example.org"


@pytest.mark.parametrize(
    "changes",
    [
        {"words": replace(WORDS, subject="Objet\r\nBcc: victime@example.org")},
        {"message_id": "<1@example.org>\nBcc: victime@example.org"},
        {"reply_to": "a@example.org\r\nBcc: victime@example.org"},
        {"recipient": "a@example.org\r\nBcc: victime@example.org"},
        {"recipient": "a@example.org, victime@example.org"},
        {"recipient": "Marie <a@example.org>"},
        {"recipient": "é@example.org"},
        {"recipient": "sans arobase"},
    ],
)
def test_nobody_writes_headers_or_recipients_of_their_own(
    settings: Settings, mailbox: Mailbox, changes: dict[str, object]
) -> None:
    with pytest.raises(PermanentFailure):
        send(settings, a_mail(**changes))
    assert mailbox.messages == []


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("550 5.1.1 no such user", PermanentFailure),
        ("450 4.2.0 greylisted", TemporaryFailure),
        ("421 4.3.2 closing", ServerUnavailable),
    ],
)
def test_the_servers_answers_are_told_apart_and_quoted(
    settings: Settings, mailbox: Mailbox, answer: str, failure: type[Exception]
) -> None:
    for attribute in ("answer_recipient", "answer_data"):
        setattr(mailbox, attribute, lambda _: answer)
        with pytest.raises(failure, match=answer.split(" ", 2)[2]):
            send(settings, a_mail())
        setattr(mailbox, attribute, lambda _: None)


def test_a_server_that_is_away_is_unavailable(settings: Settings) -> None:
    away = settings.model_copy(update={"smtp_port": 1})
    with pytest.raises(ServerUnavailable):
        send(away, a_mail())


def test_encryption_that_was_asked_for_is_never_done_without(settings: Settings, mailbox: Mailbox) -> None:
    # The server speaks neither STARTTLS nor TLS.
    for mode in ("starttls", "tls"):
        with pytest.raises(ServerUnavailable):
            send(settings.model_copy(update={"smtp_tls": mode}), a_mail())
    assert mailbox.messages == []


def test_without_a_mail_server_the_reason_names_the_setting(settings: Settings) -> None:
    with pytest.raises(ServerUnavailable, match="SMTP_HOST"):
        send(settings.model_copy(update={"smtp_host": None}), a_mail())


def test_secrets_do_not_show_in_the_representation_of_a_mail() -> None:
    assert INITIAL_PASSWORD not in repr(a_mail(words=replace(WORDS, text=INITIAL_PASSWORD, html=INITIAL_PASSWORD)))


def test_dates_are_french() -> None:
    assert long_date(datetime(2026, 12, 1, tzinfo=UTC)).replace("\xa0", " ") == "1er décembre 2026"
    assert date_and_time(datetime(2026, 3, 11, 9, 5, tzinfo=UTC)).replace("\xa0", " ") == "11 mars 2026 à 9 h 05"


def test_every_mail_of_the_portal_has_a_text(
    school: School, session: Session, postman: Postman, mailbox: Mailbox
) -> None:
    account: Account
    account, _, _ = school.family("PAYET", state=AccountState.ACTIVE)
    waiting, _, _ = school.family("HOARAU", state=AccountState.NOTIFIED)
    ends = NOW + timedelta(days=3)
    session.add(
        SelfActivation(account_id=waiting.id, email="a@example.org", nonce="x", created_at=NOW, expires_at=ends)
    )
    mailed = create_link(session, account, LinkPurpose.ACTIVATION, "a@example.org", NOW)
    details = {"email": "b@example.org", "kept": "m.payet", "absorbed": "m.payet1"}
    details |= {"school": "Collège des Filaos", "change": "password_renewed", "identifier": "m.payet"}
    details |= {"due_on": "2026-10-01", "reason": "unused"}
    for kind in AccountMailKind:
        queue_account_mail(session, AccountMessage(kind, link=mailed, details=details), account, "a@example.org", NOW)
    session.commit()
    assert postman.send_due() == len(AccountMailKind)
    assert len({message["Subject"] for message in mailbox.messages}) == len(AccountMailKind)
    for message in mailbox.messages:
        # No line begins with a sign, in either part.
        assert loose_signs_of_text(text_of(message)) == []
        assert loose_signs(html_of(message)) == []


@pytest.mark.parametrize("state", [AccountState.NOT_NOTIFIED, AccountState.ACTIVATING, AccountState.ACTIVE])
@pytest.mark.parametrize(
    ("letter_type", "leads_here", "told"),
    [
        (LetterType.MIXED, False, {"https://portail.example.org", "https://ent.example.org"}),
        # Nobody said that families find the portal from there.
        (LetterType.ENT_ONLY, False, {"https://portail.example.org", "https://ent.example.org"}),
        (LetterType.ENT_ONLY, True, {"https://ent.example.org"}),
    ],
)
def test_the_mail_tells_the_addresses_that_the_school_chose(
    school: School,
    postman: Postman,
    mailbox: Mailbox,
    state: AccountState,
    letter_type: LetterType,
    leads_here: bool,
    told: set[str],
) -> None:
    school.family("PAYET", email="m@example.org", state=state)
    school.session.add(
        EstablishmentSettings(
            establishment_id=school.establishment.id,
            letter_type=letter_type,
            ent_leads_here=leads_here,
            ent_link=EntLink(label="L'<b>ENT</b>", url="https://ent.example.org"),
        )
    )
    school.launch(Mode.MAIL)
    postman.send_due()
    (message,) = mailbox.messages
    for part in (text_of(message), html_of(message)):
        assert set(re.findall(r"https?://[\w.]+", part)) == told
    assert "Aller sur L'<b>ENT</b>" in text_of(message).replace("\n", " ")
    assert "<b>ENT" not in html_of(message)
    assert ("e portail" in text_of(message)) == (not leads_here)
