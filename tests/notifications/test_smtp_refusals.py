"""What a mail server answers during the session is judged as what comes back is (R18)."""

import smtplib

import pytest
from sqlalchemy import select

from shared.models.notifications import DeliveryState, FailingAddress, Mode
from shared.notifications.bouncing.causes import Cause
from shared.notifications.delivery import PermanentFailure, TemporaryFailure
from shared.notifications.mail import refusal
from shared.notifications.sending import Postman
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
