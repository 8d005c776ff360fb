"""Two parents share a mailbox: each mail says whose it is, in its header and in its first line."""

from email.utils import parseaddr

import pytest

from shared import clock
from shared.config import Settings
from shared.languages import FRENCH, LANGUAGES, Language
from shared.models.accounts import AccountState
from shared.models.notifications import AccountMailKind, Mode
from shared.notifications.content.sender import School as Sender
from shared.notifications.mail.addressees import holder_of, staff_at
from shared.notifications.mail.rendering import MailText, write_mail
from shared.notifications.mail.smtp import MailServer, OutgoingMail
from shared.notifications.mail.worker import Postman
from shared.outbox import AccountMessage, queue_account_mail
from tests.factories import NOW, make_account, make_staff
from tests.notifications.conftest import School
from tests.notifications.mail.test_mail import html_of, text_of
from tests.smtp import Mailbox

SHARED = "famille@example.org"
BY_STAFF = {"school": "Collège des Filaos", "change": "account_disabled", "identifier": "m.hoarau"}
GREETINGS = {
    "fr": "Bonjour Madame Marie HOARAU,",
    "en": "Hello Marie HOARAU,",
    "es": "Buenos días, Marie HOARAU:",
    "pt": "Bom dia, Marie HOARAU,",
    "ar": "مرحباً Marie HOARAU،",
    "tr": "Merhaba Marie HOARAU,",
    "ro": "Bună ziua, Marie HOARAU,",
    "zh": "Marie HOARAU，您好！",
    "mg": "Miarahaba an'i Marie HOARAU,",
}


ERASED = {"reason": "unused"}


def names_in_headers(mailbox: Mailbox) -> list[str]:
    return sorted(parseaddr(str(message["To"]))[0] for message in mailbox.messages)


@pytest.mark.parametrize("state", [AccountState.NOT_NOTIFIED, AccountState.ACTIVATING, AccountState.ACTIVE])
def test_a_notification_names_whom_it_is_for(
    school: School, postman: Postman, mailbox: Mailbox, state: AccountState
) -> None:
    for name, civility in (("HOARAU", "MME"), ("PAYET", "M.")):
        account, _, _ = school.family(name, email=SHARED, state=state, civility=civility)
        account.email = SHARED if account.email else None
    school.launch(Mode.MAIL)
    postman.send_due()
    assert names_in_headers(mailbox) == ["Marie HOARAU", "Marie PAYET"]
    greetings = sorted(text_of(message).splitlines()[0] for message in mailbox.messages)
    assert greetings == ["Bonjour Madame Marie HOARAU,", "Bonjour Monsieur Marie PAYET,"]


@pytest.mark.parametrize("kind", list(AccountMailKind))
@pytest.mark.parametrize("language", LANGUAGES, ids=[language.code for language in LANGUAGES])
def test_every_mail_of_the_portal_greets_by_name_in_each_language(kind: AccountMailKind, language: Language) -> None:
    mail = write_mail(
        kind.value,
        language,
        recipient="Madame Marie HOARAU" if language is FRENCH else "Marie HOARAU",
        school=Sender("Collège des Filaos"),
        portal="https://portail.example.org",
        identifier="m.hoarau",
        caused_at=NOW,
        expires_at=NOW,
        link="https://portail.example.org/activation/1-x",
        due_on=NOW.date(),
        persons=[("Marie HOARAU (m.hoarau)", "https://portail.example.org/sans-lettre/1-x")],
        details={"email": "new@example.org", "kept": "m.hoarau", "absorbed": "m.hoarau1", **BY_STAFF, **ERASED},
    )
    assert mail.text.splitlines()[0] == GREETINGS[language.code]
    assert ">Madame Marie HOARAU</bdi>" in mail.html or ">Marie HOARAU</bdi>" in mail.html


@pytest.mark.parametrize("code", ["fr", "en"])
def test_a_mail_of_the_portal_names_the_holder_of_the_account(
    school: School, postman: Postman, mailbox: Mailbox, code: str
) -> None:
    account, _, _ = school.family("HOARAU", state=AccountState.ACTIVE)
    account.language = code
    queue_account_mail(school.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, SHARED, clock.now())
    school.session.commit()
    postman.send_due()
    assert names_in_headers(mailbox) == ["Marie HOARAU"]
    assert text_of(mailbox.messages[0]).splitlines()[0] == GREETINGS[code]


def test_the_holder_is_named_by_a_fiche_that_is_there(school: School) -> None:
    account, guardian, student = school.family("HOARAU", civility="Monsieur")
    guardian.gone_at = NOW
    _, other, _ = school.family("HOAREAU", civility="M.")
    other.account_id = account.id
    pupil = make_account(school.session, "l.hoarau", student)
    nobody = make_account(school.session, "n.importe")
    school.session.flush()
    holder = holder_of(school.session, account.id)
    assert (holder.name, holder.greeted()) == ("Marie HOAREAU", "Monsieur Marie HOAREAU")
    assert holder_of(school.session, pupil.id).greeted() == "Léa HOARAU"
    assert holder_of(school.session, nobody.id) is None


def test_a_mail_to_somebody_unknown_greets_all_the_same(school: School, postman: Postman, mailbox: Mailbox) -> None:
    account = make_account(school.session, "n.importe")
    queue_account_mail(school.session, AccountMessage(AccountMailKind.PASSWORD_CHANGED), account, SHARED, clock.now())
    school.session.commit()
    postman.send_due()
    assert str(mailbox.messages[0]["To"]) == SHARED
    assert text_of(mailbox.messages[0]).splitlines()[0] == "Bonjour,"


def test_a_member_of_staff_is_named_where_one_reads_the_mailbox(school: School) -> None:
    make_staff(school.session, "chef", school.establishment, name="Mme Payet", email="chef@example.org")
    assert staff_at(school.session, "chef@example.org").name == "Mme Payet"
    make_staff(school.session, "adjoint", school.establishment, email="chef@example.org")
    assert staff_at(school.session, "chef@example.org") is None
    assert staff_at(school.session, "personne@example.org") is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Marie HOARAU\r\nBcc: autre@example.org", "Marie HOARAU Bcc: autre@example.org"),
        ("Marie <autre@example.org>, x", "Marie <autre@example.org>, x"),
        ('Marie "la" HOARAU\\', 'Marie "la" HOARAU\\'),
        ("Léa\u2028É\x00ve \u202eX", "Léa É ve X"),
        ("é" * 200, "é" * 200),
    ],
)
def test_a_name_writes_no_header_and_adds_no_recipient(
    settings: Settings, mailbox: Mailbox, name: str, shown: str
) -> None:
    mail = OutgoingMail(
        recipient=SHARED,
        words=MailText(FRENCH, "Objet", "Texte", "<p>Texte</p>"),
        sender_name="Collège",
        message_id="<1@example.org>",
        recipient_name=name,
    )
    with MailServer(settings).connect() as outgoing:
        outgoing.send(mail)
    (message,) = mailbox.messages
    [to] = message["To"].addresses
    # Python's reader puts a blank between the pieces of a long word.
    assert (to.display_name.replace(" ", ""), to.addr_spec) == (shown.replace(" ", ""), SHARED)
    assert message["Bcc"] is None


def test_a_name_with_markup_stays_a_name(school: School, postman: Postman, mailbox: Mailbox) -> None:
    school.family("<b>HOARAU</b>", email=SHARED, identifier="m.b")
    school.launch(Mode.MAIL)
    postman.send_due()
    assert "<b>HOARAU" not in html_of(mailbox.messages[0])
    assert "&lt;b&gt;HOARAU" in html_of(mailbox.messages[0])
