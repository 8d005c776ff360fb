"""Sends the mails that are due, one at a time: claim, commit, send, settle, commit (R18).

Several transactions for one mail: these functions are given the database, and own them.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from shared.accounts.sealing import Sealer
from shared.accounts.states import mark_notified
from shared.clock import local_date, now
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.notifications import AccountMail, Channel, DeliveryState, Notification
from shared.notifications.account_mails import compose_account_mail
from shared.notifications.delivery import (
    Claim,
    Deliverable,
    DeliveryFailed,
    PermanentFailure,
    ServerUnavailable,
    TemporaryFailure,
    claim,
    finish_campaigns,
    is_worn_out,
    settle,
    settle_failure,
)
from shared.notifications.mail import MailServer, Outgoing, OutgoingMail
from shared.notifications.notice_mails import compose_notice_mail
from shared.notifications.pace import may_send_now

PACE_SECONDS = 0.25
WORN_OUT = PermanentFailure("abandonné : chaque essai a été interrompu avant la fin")
# First the mails that a parent is waiting for in front of the screen.
_QUEUES: tuple[tuple[Deliverable, tuple[ColumnElement[bool], ...]], ...] = (
    (AccountMail, ()),
    (Notification, (Notification.channel == Channel.MAIL,)),
)

log = logging.getLogger(__name__)


class Postman:
    """Sends every due mail over one connection, until nothing is due, the server fails, or `stopping` is set."""

    def __init__(self, database: Database, settings: Settings, stopping: Event) -> None:
        self._database = database
        self._settings = settings
        self._sealer = Sealer(settings.initial_password_keys)
        self._stopping = stopping

    def send_due(self) -> int:
        """How many mails were handed over to the server.

        A server that cannot be reached ends the round: what is due stays due, and the next round tries again.
        """
        sent = 0
        with MailServer(self._settings).connect() as outgoing:
            while not self._stopping.is_set():
                taken = self._take_one()
                if taken is None:
                    break
                rows, claimed, started = taken
                failure = self._deliver(outgoing, rows, claimed, started)
                sent += failure is None
                if isinstance(failure, ServerUnavailable):
                    break
        with self._database.writing() as session:
            finish_campaigns(session, now())
        return sent

    def _take_one(self) -> tuple[Deliverable, Claim, datetime] | None:
        while not self._stopping.is_set():
            with self._database.writing() as session:
                instant = now()
                in_time = may_send_now(session, self._settings.mail_per_minute, instant)
                for rows, conditions in _QUEUES if in_time else ():
                    claimed = claim(session, rows, instant, *conditions)
                    if claimed is not None:
                        return rows, claimed, instant
            if in_time:
                break
            self._stopping.wait(PACE_SECONDS)
        return None

    def _deliver(
        self, outgoing: Outgoing, rows: Deliverable, claimed: Claim, started: datetime
    ) -> DeliveryFailed | None:
        row_id = claimed.ids[0]
        try:
            if is_worn_out(claimed.attempts[row_id]):
                raise WORN_OUT
            with _bugs_named(rows, row_id):
                outgoing.send(self._compose(rows, row_id, started))
        except DeliveryFailed as failure:
            with self._database.writing() as session:
                settle_failure(session, rows, row_id, claimed, failure, now())
            return failure
        with self._database.writing() as session:
            self._settle_sent(session, rows, row_id, claimed, started)
        return None

    def _compose(self, rows: Deliverable, row_id: int, started: datetime) -> OutgoingMail:
        with self._database.reading() as session:
            if rows is AccountMail:
                return compose_account_mail(session, self._settings, row_id)
            today = local_date(started, self._settings.time_zone)
            return compose_notice_mail(session, self._settings, self._sealer, row_id, today)

    def _settle_sent(self, session: Session, rows: Deliverable, row_id: int, claimed: Claim, started: datetime) -> None:
        still_ours = settle(session, rows, [row_id], claimed.lease, DeliveryState.SENT, now())
        if still_ours and rows is Notification:
            mark_sent(session, row_id, started, self._settings)


@contextmanager
def _bugs_named(rows: Deliverable, row_id: int) -> Iterator[None]:
    try:
        yield
    except DeliveryFailed:
        raise
    except Exception as error:
        # One row that cannot be written out must not keep all the others from leaving.
        log.exception("%s %s could not be sent", rows.__tablename__, row_id)
        raise TemporaryFailure("erreur interne : voir le journal technique") from error


def mark_sent(session: Session, notification_id: int, at: datetime, settings: Settings) -> None:
    """Note on the account that this notification told it, at the instant its deadline was computed from."""
    notification = session.get_one(Notification, notification_id)
    if notification.account_id is not None:
        today = local_date(at, settings.time_zone)
        mark_notified(
            session,
            [notification.account_id],
            at,
            today,
            SYSTEM,
            notification.establishment_id,
            notification.channel.value,
        )
