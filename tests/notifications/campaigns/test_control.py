"""Campaigns that staff pause, resume, cancel, and read about while they go on (R18, R29)."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.database import Database
from shared.models.notifications import Campaign, CampaignMail, DeliveryState, Mode, Notification
from shared.models.sending.refusals import FailingAddress
from shared.notifications.campaigns.control import CampaignOver, cancel, pause, resume
from shared.notifications.campaigns.launching import CampaignNotFound
from shared.notifications.campaigns.progress import progress, try_again
from shared.notifications.campaigns.remaining_time import expected_end, stalled_since
from shared.notifications.campaigns.retry import try_all_again
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.campaigns.summary import by_division, in_words, total
from shared.notifications.mail.worker import Postman
from shared.notifications.outbox.leases import claim
from shared.rows.leases import LEASE
from tests.factories import NOW, at_desk, make_establishment, make_staff
from tests.notifications.conftest import School
from tests.smtp import Mailbox, text_of

CANCELLED = {DeliveryState.SKIPPED: 4}


@pytest.fixture
def campaign(school: School) -> Campaign:
    for index in range(4):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}", division=f"6{'AB'[index % 2]}")
    return school.launch(Mode.MAIL)


def control(school: School, change: object, campaign: Campaign) -> None:
    change(at_desk(school.session, school.establishment.id, now=clock.now()), campaign.id)  # type: ignore[operator]
    school.session.commit()


def words(school: School, campaign: Campaign) -> str:
    with school.database.reading() as session:
        text = in_words(session, campaign.id, total(by_division(session, campaign.id)))
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_nothing_leaves_while_it_is_paused_and_all_of_it_afterwards(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    control(school, pause, campaign)
    control(school, pause, campaign)
    assert postman.send_due() == 0
    assert school.states(campaign) == {DeliveryState.TO_SEND: 4}
    control(school, resume, campaign)
    assert postman.send_due() == 4
    assert set(mailbox.recipients.values()) == {1}


def test_other_campaigns_go_on_while_one_is_paused(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    control(school, pause, campaign)
    school.family("BOYER", email="other@example.org")
    school.launch(Mode.MAIL)
    assert postman.send_due() == 1
    assert mailbox.recipients == {"other@example.org": 1}


def test_what_was_cancelled_never_leaves(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    control(school, cancel, campaign)
    assert postman.send_due() == 0
    assert mailbox.messages == []
    assert school.states(campaign) == CANCELLED
    assert "4 comptes laissés de côté : annulé avant l'envoi (4)" in words(school, campaign)
    for change in (pause, resume, cancel):
        with pytest.raises(CampaignOver):
            control(school, change, campaign)


def test_a_campaign_cancelled_while_it_is_sent_keeps_what_left_and_skips_the_rest(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox, database: Database
) -> None:
    """The lot under way ends; the mail that the server put off meanwhile does not come back."""

    def answer(address: str) -> str | None:
        if address.startswith("p1@"):
            with database.writing() as session:
                cancel(at_desk(session, school.establishment.id, now=clock.now()), campaign.id)
            return "450 try later"
        return None

    mailbox.answer_recipient = answer
    sent = postman.send_due()
    assert school.states(campaign) == {DeliveryState.SENT: sent, DeliveryState.SKIPPED: 4 - sent}
    assert len(mailbox.messages) == sent == 3
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        assert postman.send_due() == 0
    with school.database.reading() as session:
        assert session.get_one(Campaign, campaign.id).finished_at is not None


def test_another_schools_campaign_is_not_found(school: School, campaign: Campaign) -> None:
    other = make_establishment(school.session, "9740002B")
    for change in (pause, resume, cancel):
        with pytest.raises(CampaignNotFound):
            change(at_desk(school.session, other.id, now=clock.now()), campaign.id)


def test_failures_of_a_cancelled_campaign_can_be_tried_again_and_nothing_else_leaves(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    with school.database.writing() as session:
        session.execute(
            update(Notification)
            .where(Notification.recipient == "p0@example.org")
            .values(delivery=DeliveryState.REFUSED, error="550", settled_at=clock.now(), next_attempt_at=None)
        )
        session.add(FailingAddress(email="p0@example.org", since=clock.now(), reason="boîte inconnue"))
    control(school, cancel, campaign)
    instant = clock.now()
    try_all_again(at_desk(school.session, school.establishment.id, now=instant), campaign.id)
    school.session.commit()
    assert postman.send_due() == 1
    assert mailbox.recipients == {"p0@example.org": 1}
    with school.database.reading() as session:
        assert session.scalars(select(FailingAddress)).all() == []


def refuse(school: School, address: str) -> int:
    """The number of the row of `address`, which the mail server refused."""
    with school.database.writing() as session:
        refused = (
            update(Notification)
            .where(Notification.recipient == address)
            .values(delivery=DeliveryState.REFUSED, error="550", settled_at=clock.now(), next_attempt_at=None)
        )
        return session.scalars(refused.returning(Notification.id)).one()


def try_one_again(school: School, notification_id: int) -> None:
    now = clock.now()
    try_again(at_desk(school.session, school.establishment.id, now=now), notification_id)
    school.session.commit()


def test_trying_one_line_again_lets_nothing_else_of_a_cancelled_campaign_leave(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    """Two were in the hands of a worker when it was cancelled, and it died of something else."""
    line = refuse(school, "p0@example.org")
    with school.database.writing() as session:
        assert claim(session, Notification, clock.now(), limit=2) is not None
    control(school, cancel, campaign)
    try_one_again(school, line)
    with time_machine.travel(clock.now() + 2 * LEASE, tick=False):
        assert postman.send_due() == 1
        assert postman.send_due() == 0
    assert mailbox.recipients == {"p0@example.org": 1}
    assert school.states(campaign) == {DeliveryState.SENT: 1, DeliveryState.SKIPPED: 3}
    with school.database.reading() as session:
        ended = session.get_one(Campaign, campaign.id)
        assert None not in (ended.finished_at, ended.cancelled_at)


def test_what_is_tried_again_in_a_cancelled_campaign_can_be_paused_and_cancelled_once_more(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    line = refuse(school, "p0@example.org")
    control(school, cancel, campaign)
    try_one_again(school, line)
    control(school, pause, campaign)
    assert postman.send_due() == 0
    control(school, cancel, campaign)
    assert postman.send_due() == 0
    assert school.states(campaign) == {DeliveryState.SKIPPED: 4}
    with pytest.raises(CampaignOver):
        control(school, cancel, campaign)


def test_the_end_is_noted_with_the_last_row_and_not_with_the_round(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.notifications.outbox.claiming.ROWS_AT_ONCE", 4)
    school.family("BOYER", email="late@example.org", division="3A")
    school.launch(Mode.MAIL, Criteria(divisions=frozenset({"3A"})))
    ended: list[bool] = []

    def look(address: str) -> None:
        if address == "late@example.org":
            with school.database.reading() as session:
                ended.append(progress(session, school.establishment.id, campaign.id).is_finished)

    mailbox.answer_recipient = look
    assert postman.send_due() == 5
    assert ended == [True]


def test_a_campaign_has_ended_when_its_end_is_noted_and_not_before(
    school: School, campaign: Campaign, postman: Postman
) -> None:
    def is_finished() -> bool:
        with school.database.reading() as session:
            return progress(session, school.establishment.id, campaign.id).is_finished

    with school.database.writing() as session:
        session.execute(update(Notification).values(delivery=DeliveryState.SENT, settled_at=clock.now()))
    assert not is_finished()
    postman.send_due()
    assert is_finished()


def test_the_report_tells_what_left_what_was_refused_and_why(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox
) -> None:
    mailbox.answer_recipient = lambda address: "550 unknown" if address.startswith("p1@") else None
    postman.send_due()
    told = words(school, campaign)
    assert told.startswith("3 courriels partis, 1 adresse refusée : p1@example.org (")
    assert "550 unknown" in told
    with school.database.reading() as session:
        divisions = by_division(session, campaign.id)
    assert {code: sum(summary.counts.values()) for code, summary in divisions.items()} == {"6A": 2, "6B": 2}


def test_the_author_of_a_long_campaign_is_told_once_that_it_ended(
    school: School, campaign: Campaign, postman: Postman, mailbox: Mailbox, session: Session
) -> None:
    author = make_staff(session, "chef", school.establishment)
    author.email = "chef@example.org"
    session.get_one(Campaign, campaign.id).staff_id = author.id
    session.commit()
    mailbox.answer_recipient = lambda address: "550 unknown" if address.startswith("p1@") else None
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        postman.send_due()
        postman.send_due()
        (told,) = mailbox.to("chef@example.org")
        assert "terminée" in str(told["Subject"])
        assert "3 courriels partis" in text_of(told).replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")
        try_all_again(
            at_desk(session, school.establishment.id, now=clock.now()),
            campaign.id,
        )
        session.commit()
        postman.send_due()
        postman.send_due()
    assert len(mailbox.to("chef@example.org")) == 1


def test_nobody_is_written_to_about_a_short_campaign(
    school: School, campaign: Campaign, postman: Postman, session: Session
) -> None:
    author = make_staff(session, "chef", school.establishment)
    author.email = "chef@example.org"
    session.get_one(Campaign, campaign.id).staff_id = author.id
    session.commit()
    postman.send_due()
    with school.database.reading() as reading:
        assert reading.scalars(select(CampaignMail)).all() == []


def test_the_end_is_told_from_the_pace_and_never_before_the_last_retry(school: School, session: Session) -> None:
    for index in range(20):
        school.family("PAYET", email=f"p{index}@example.org", identifier=f"p{index}")
    campaign = school.launch(Mode.MAIL, now=NOW)
    assert expected_end(session, campaign, 20, NOW + timedelta(minutes=1)) is None
    first_ten = Notification.position <= 10
    session.execute(
        update(Notification)
        .where(first_ten)
        .values(delivery=DeliveryState.SENT, settled_at=NOW + timedelta(seconds=30))
    )
    instant = NOW + timedelta(minutes=1)
    assert expected_end(session, campaign, 10, instant) == instant + timedelta(minutes=1)
    session.execute(
        update(Notification)
        .where(Notification.position == 20)
        .values(delivery=DeliveryState.TO_RETRY, next_attempt_at=NOW + timedelta(hours=1))
    )
    assert expected_end(session, campaign, 10, instant) == NOW + timedelta(hours=1)
    campaign.paused_at = instant
    assert expected_end(session, campaign, 10, instant) is None


def test_when_nothing_moves_although_it_is_due_it_is_said(school: School, campaign: Campaign, session: Session) -> None:
    launched = campaign.created_at
    assert stalled_since(session, campaign, launched + timedelta(minutes=2)) is None
    assert stalled_since(session, campaign, launched + timedelta(minutes=3)) == launched
    # Another campaign moves: this one waits for its turn.
    first = Notification.position == 1
    moved = launched + timedelta(minutes=2)
    session.execute(update(Notification).where(first).values(delivery=DeliveryState.SENT, settled_at=moved))
    assert stalled_since(session, campaign, launched + timedelta(minutes=4)) is None
    # What is paused is not expected to move.
    campaign.paused_at = launched
    session.flush()
    assert stalled_since(session, campaign, launched + timedelta(hours=1)) is None
