"""What a mail server answers during the session is judged as what comes back is (R18)."""

import smtplib

import pytest
from sqlalchemy import select

from shared import clock
from shared.models.accounts import AccountKind
from shared.models.journal import JournalEvent
from shared.models.notifications import DeliveryState, Mode
from shared.models.sending.refusals import Cause, FailingAddress
from shared.notifications.campaigns.retry import try_all_again
from shared.notifications.mail.answers import refusal
from shared.notifications.mail.worker import Postman
from shared.notifications.outbox.leases import PermanentFailure, TemporaryFailure
from shared.notifications.outbox.provider_refusals import recent_refusals, refusals_of
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.smtp import Mailbox


@pytest.mark.parametrize(
    ("code", "words", "kind", "cause"),
    [
        (550, "5.1.1 user unknown", PermanentFailure, Cause.ADDRESS),
        (550, "5.7.1 client host blocked", PermanentFailure, Cause.SENDER),
        (552, "5.2.2 mailbox full", TemporaryFailure, Cause.FULL),
        (552, "4.2.2 mailbox full", TemporaryFailure, Cause.FULL),
        (450, "4.2.0 greylisted, try again later", TemporaryFailure, Cause.DAY),
        (450, "4.1.1 user unknown", TemporaryFailure, Cause.DAY),
    ],
)
def test_a_refusal_says_what_it_is_about(code: int, words: str, kind: type, cause: Cause) -> None:
    failure = refusal(smtplib.SMTPRecipientsRefused({"p0@example.org": (code, words.encode())}))
    assert type(failure) is kind
    assert failure.cause is cause


def test_only_an_unknown_recipient_marks_the_address(school: School, mailbox: Mailbox, postman: Postman) -> None:
    for index in range(2):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    answers = {"p0@example.org": "550 5.1.1 user unknown", "p1@example.org": "550 5.7.1 your host is blocked"}
    mailbox.answer_recipient = answers.get
    campaign = school.launch(Mode.MAIL)
    postman.send_due()
    assert school.states(campaign) == {DeliveryState.REFUSED: 2}
    with school.database.reading() as session:
        assert list(session.scalars(select(FailingAddress.email))) == ["p0@example.org"]


def test_what_a_provider_refuses_is_counted_once_for_the_campaign(
    school: School, mailbox: Mailbox, postman: Postman
) -> None:
    for index in range(3):
        school.family("PAYET", email=f"p{index}@Orange.example", identifier=f"p{index}")
    mailbox.answer_recipient = lambda _address: "550 5.7.1 your host is blocked"
    campaign = school.launch(Mode.MAIL)
    postman.send_due()
    with school.database.reading() as session:
        (refusal,) = refusals_of(session, campaign.id)
        assert (refusal.domain, refusal.cause, refusal.mails) == ("orange.example", Cause.SENDER, 3)
        recent = recent_refusals(session, school.establishment.id, AccountKind.GUARDIAN, clock.now())
        assert [one.domain for one in recent] == ["orange.example"]
        assert recent_refusals(session, school.establishment.id + 1, AccountKind.GUARDIAN, clock.now()) == []
        actions = session.scalars(select(JournalEvent.action)).all()
    assert actions.count("mails_refused") == 1
    instant = clock.now()
    try_all_again(at_desk(school.session, school.establishment.id, now=instant), campaign.id)
    assert refusals_of(school.session, campaign.id) == []
