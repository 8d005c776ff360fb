"""One notification followed, paused, resumed, cancelled, and what keeps it said on its page (R18, R29)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from shared import clock
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Channel, DeliveryState, Notification
from shared.models.sending.outages import ChannelOutage
from tests.admin.browser import words


@pytest.fixture
def page(school_a):
    return f"/responsables/notifications/{school_a.campaign_id}/"


def campaign_in(database, school):
    with database.reading() as session:
        return session.get_one(Campaign, school.campaign_id)


def test_a_notification_is_paused_and_resumed(head, database, school_a, page):
    assert "Suspendre" in head.get(page).text

    head.post(f"{page}suspendre")

    assert campaign_in(database, school_a).paused_at is not None
    shown = head.get(page)
    assert "Suspendue" in words(shown)
    assert "data-poll" not in shown.text
    assert "Suspendue" in words(head.get("/responsables/notifications/"))
    head.post(f"{page}reprendre")
    assert campaign_in(database, school_a).paused_at is None
    with database.reading() as session:
        actions = session.scalars(select(JournalEvent.action).where(JournalEvent.action.like("campaign_%"))).all()
    assert {"campaign_paused", "campaign_resumed"} <= set(actions)


def test_cancelling_asks_first_and_says_how_many_will_not_leave(head, database, school_a, page):
    asked = head.get(f"{page}annuler")
    with database.reading() as session:
        waiting = session.scalar(
            select(func.count())
            .select_from(Notification)
            .where(Notification.campaign_id == school_a.campaign_id, Notification.delivery == DeliveryState.TO_SEND)
        )
    assert f"{waiting} envoi" in words(asked)
    assert campaign_in(database, school_a).cancelled_at is None

    head.post(f"{page}annuler")

    cancelled = campaign_in(database, school_a)
    assert cancelled.cancelled_at is not None
    assert cancelled.finished_at is not None
    with database.reading() as session:
        left = session.scalars(select(Notification).where(Notification.campaign_id == school_a.campaign_id)).all()
    assert DeliveryState.TO_SEND not in {row.delivery for row in left}
    assert "annulé avant l'envoi" in words(head.get(page))


def test_the_page_follows_until_the_end_is_noted_and_then_says_when(head, database, school_a, page):
    with database.writing() as session:
        session.execute(
            update(Notification)
            .where(Notification.campaign_id == school_a.campaign_id)
            .values(delivery=DeliveryState.REFUSED, settled_at=clock.now(), next_attempt_at=None)
        )
    shown = head.get(page)
    assert "data-poll" in shown.text
    assert "Terminé" not in words(shown)

    with database.writing() as session:
        session.execute(update(Campaign).values(finished_at=clock.now()))

    shown = head.get(page)
    assert "data-poll" not in shown.text
    assert "Terminé le" in words(shown)


def test_what_is_over_is_not_cancelled_any_more(head, database, school_a, page):
    with database.writing() as session:
        session.execute(update(Campaign).where(Campaign.id == school_a.campaign_id).values(finished_at=clock.now()))

    answer = head.post(f"{page}annuler")

    assert "terminée" in words(head.get(answer.location))
    assert campaign_in(database, school_a).cancelled_at is None


def test_a_mail_server_that_is_away_is_told_with_its_reason(head, database, page):
    instant = clock.now()
    with database.writing() as session:
        session.add(
            ChannelOutage(
                channel=Channel.MAIL,
                since=instant - timedelta(minutes=9),
                trials=4,
                next_trial_at=instant + timedelta(minutes=3),
                reason="aucun serveur de courriel n'est réglé (SMTP_HOST)",
            )
        )
    for address in (page, "/responsables/notifications/"):
        shown = words(head.get(address))
        assert "Le serveur de courriel ne prend plus rien" in shown
        assert "SMTP_HOST" in shown


def test_another_school_can_neither_pause_nor_cancel(browse, database, school_a, school_b, page):
    other_head = browse(school_b.login)
    for change in ("suspendre", "reprendre", "annuler"):
        assert other_head.post(f"{page}{change}").status_code == 404
    untouched = campaign_in(database, school_a)
    assert (untouched.paused_at, untouched.cancelled_at) == (None, None)
