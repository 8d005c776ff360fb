"""A reason is stored as what it is, and rows of before that hold its sentence are read all the same."""

import pytest
from sqlalchemy import select, text, update

from shared.models.notifications import Notification
from shared.models.reasons import Reason
from shared.notifications.words import REASONS, reason_words
from tests.notifications.conftest import School


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_that_was_written_as_a_sentence_is_read_as_the_reason(school: School, reason: Reason) -> None:
    school.family("Adam", email="adam@exemple.fr")
    school.session.commit()
    campaign = school.launch()
    with school.database.writing() as session:
        session.execute(update(Notification).values(error=text(":sentence")), {"sentence": REASONS[reason]})
    with school.database.reading() as session:
        (error,) = session.scalars(select(Notification.error).where(Notification.campaign_id == campaign.id))
    assert error is reason
    assert reason_words(error) == REASONS[reason]


def test_what_a_mail_server_said_is_read_as_it_said_it() -> None:
    assert reason_words("550 5.1.1 unknown user") == "550 5.1.1 unknown user"
    assert reason_words(None) == ""
