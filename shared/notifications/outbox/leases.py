"""Delivering a row once: claims with a lease, settlements that need it, failures with growing delays (R18).

Rows are claimed in a transaction of their own, delivered, then settled in another. A worker that dies in between leaves
a lease behind; when it has run out, another worker takes the rows over. What was handed over by then is known row by
row (`handing_over`), so that nothing is lost and at most the one mail that was on its way is sent twice.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from shared.models.notifications import (
    WAITING,
    AccountMail,
    Campaign,
    CampaignMail,
    DeliveryState,
    DuplicatesMail,
    Notification,
    StaffMail,
)
from shared.models.reasons import ERROR_CHARACTERS, Reason
from shared.models.sending.refusals import Cause
from shared.notifications.outbox.completion import UNFINISHED, held_back, note_ends, skip_what_was_cancelled
from shared.notifications.outbox.dead_addresses import mark_failing
from shared.notifications.outbox.provider_refusals import note_refusal
from shared.rows.holding import nothing_is_held
from shared.rows.leases import LEASE, still_held, write_held

Deliverable = type[Notification] | type[AccountMail] | type[StaffMail] | type[CampaignMail] | type[DuplicatesMail]

UNAVAILABLE_PAUSE = timedelta(minutes=1)
RETRY_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 120, 240, 480, 720))


class DeliveryFailed(Exception):
    """A mail or a letter could not be delivered; `reason` says why: a `Reason`, or what the mail server said.

    `cause` is what a mail server's refusal of one mail was about; none when it was something else.
    """

    def __init__(self, reason: str, cause: Cause | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cause = cause


class PermanentFailure(DeliveryFailed):
    """Trying again would fail again: the address does not exist, the text cannot be laid out."""


class TemporaryFailure(DeliveryFailed):
    """Trying again later may succeed; each time the delay grows, and after a day and a half it is given up."""


class ServerUnavailable(TemporaryFailure):
    """The mail server cannot be used at all: no fault of the row, whose attempts are not counted."""


class ServerBusy(ServerUnavailable):
    """The mail server is there, and asks to come back in a moment, whatever the mail."""


class ConnectionDropped(TemporaryFailure):
    """The mail server hung up, or fell silent, in the middle of this mail: the mail itself may be the cause."""


class HandOverUnknown(PermanentFailure):
    """The server fell silent once it had the message: nobody knows whether it left, and it is not sent again."""


class NotDeliverable(DeliveryFailed):
    """There is nothing to deliver any more: the account was erased, disabled or merged since."""


@dataclass(frozen=True)
class Claim:
    """Rows that this worker alone may deliver until the lease runs out, with the number of attempts at each."""

    rows: Deliverable
    lease: str
    attempts: dict[int, int]

    @property
    def ids(self) -> list[int]:
        """The rows, in the order they were claimed."""
        return list(self.attempts)


def due(rows: Deliverable, now: datetime, state: DeliveryState | None = None) -> ColumnElement[bool]:
    """Whether a row waits to be delivered at `now`: to send, to retry, or left behind by a dead worker.

    Those in one `state` only, if it is given. What was never tried is due whatever the clock says: one that is set back
    keeps nothing from leaving. Nothing is due of a campaign that is paused or cancelled, nor what the mail server is
    known to have taken.
    """
    states = WAITING if state is None else (state,)
    in_time = rows.next_attempt_at <= now
    timed = [one for one in states if one is not DeliveryState.TO_SEND]
    waiting = [and_(rows.delivery.in_(timed), in_time)] if timed else []
    if DeliveryState.TO_SEND in states:
        waiting.append(rows.delivery == DeliveryState.TO_SEND)
    waits = and_(or_(*waiting), rows.handed_over_at.is_(None))
    if rows is not Notification:
        return waits
    paused = select(Campaign.id).where(UNFINISHED, Campaign.paused_at.is_not(None))
    return and_(waits, Notification.campaign_id.not_in(paused), ~held_back())


def claim(
    session: Session,
    rows: Deliverable,
    now: datetime,
    *conditions: ColumnElement[bool],
    state: DeliveryState | None = None,
    limit: int = 1,
    order: Sequence[Any] = (),
) -> Claim | None:
    """Take at most `limit` due rows for this worker; none when there is nothing to do. The caller commits at once.

    Nothing is taken while a restoration waits to be released.
    """
    chosen = (
        select(rows.id)
        .where(due(rows, now, state), nothing_is_held(), *conditions)
        .order_by(*(order or (rows.next_attempt_at, rows.id)))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(chosen).all()
    if not ids:
        return None
    lease = str(uuid.uuid4())
    taken = session.execute(
        update(rows)
        .where(rows.id.in_(ids))
        .values(delivery=DeliveryState.SENDING, lease=lease, next_attempt_at=now + LEASE, attempts=rows.attempts + 1)
        .returning(rows.id, rows.attempts),
        execution_options={"synchronize_session": False},
    )
    attempts = dict(taken.all())
    return Claim(rows, lease, {row_id: attempts[row_id] for row_id in ids})


def renew(session: Session, claimed: Claim, now: datetime) -> None:
    """Hold what was claimed for the whole of a lease from `now` on.

    Raises:
        LeaseLost: it ran out, and another worker took some of it over.
    """
    write_held(session, claimed.rows, claimed.ids, _held(claimed), {"next_attempt_at": now + LEASE})


def settle(
    session: Session,
    claimed: Claim,
    ids: Sequence[int],
    state: DeliveryState,
    now: datetime,
    error: str | None = None,
) -> list[int]:
    """Say how some of what was claimed ended; returns the rows that were still this worker's to settle."""
    return _leave(session, claimed, ids, delivery=state, next_attempt_at=None, settled_at=now, error=error)


def settle_failure(session: Session, claimed: Claim, row_id: int, failure: DeliveryFailed, now: datetime) -> None:
    """Refuse, skip or put off one row, as `failure` deserves."""
    reason = failure.reason if isinstance(failure.reason, Reason) else failure.reason[:ERROR_CHARACTERS]
    attempts, is_notification = claimed.attempts[row_id], claimed.rows is Notification
    if isinstance(failure, ServerUnavailable):
        _put_off(session, claimed, row_id, now + UNAVAILABLE_PAUSE, attempts - 1, reason)
    elif isinstance(failure, TemporaryFailure) and attempts <= len(RETRY_DELAYS):
        _put_off(session, claimed, row_id, now + RETRY_DELAYS[attempts - 1], attempts, reason)
    elif isinstance(failure, NotDeliverable):
        settle(session, claimed, [row_id], DeliveryState.SKIPPED, now, reason)
    else:
        settled = settle(session, claimed, [row_id], DeliveryState.REFUSED, now, reason)
        if settled and failure.cause is Cause.ADDRESS and is_notification:
            recipient = session.scalar(select(Notification.recipient).where(Notification.id == row_id))
            mark_failing(session, recipient, reason, now)
    is_new = attempts == 1 or not isinstance(failure, TemporaryFailure)
    if is_notification and failure.cause is not None and is_new:
        note_refusal(session, row_id, failure.cause, reason, now)


def is_worn_out(attempts: int) -> bool:
    """Whether a row was taken so often, without ever being settled, that delivering it must be what kills workers."""
    return attempts > len(RETRY_DELAYS) + 1


def _put_off(session: Session, claimed: Claim, row_id: int, until: datetime, attempts: int, reason: str) -> None:
    _leave(
        session,
        claimed,
        [row_id],
        delivery=DeliveryState.TO_RETRY,
        next_attempt_at=until,
        attempts=attempts,
        error=reason,
    )


def _leave(session: Session, claimed: Claim, ids: Sequence[int], **columns: object) -> list[int]:
    return still_held(session, claimed.rows, ids, _held(claimed), {"lease": None, **columns})


def _held(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    rows = claimed.rows
    return rows.lease == claimed.lease, rows.delivery == DeliveryState.SENDING


def give_back(session: Session, claimed: Claim, row_ids: Sequence[int], now: datetime) -> None:
    """Let others have rows that were claimed and not tried."""
    if row_ids:
        _leave(
            session,
            claimed,
            row_ids,
            delivery=DeliveryState.TO_SEND,
            next_attempt_at=now,
            attempts=claimed.rows.attempts - 1,
        )


def finish_campaigns(session: Session, now: datetime) -> None:
    """Skip what cancelled campaigns have not sent, and note the end of every campaign in which nothing waits."""
    skip_what_was_cancelled(session, now)
    note_ends(session, now)
