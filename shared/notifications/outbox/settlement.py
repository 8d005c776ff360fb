"""Settling what was handed over: one statement for a lot, and one for each school whose accounts it told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import Session

from shared.accounts.directory.states import mark_notified
from shared.acting.desk import Desk
from shared.clock import local_date
from shared.config import Settings
from shared.journal import SYSTEM
from shared.models.notifications import Channel, DeliveryState, Notification
from shared.notifications.outbox.leases import Claim, Deliverable
from shared.notifications.outbox.queues import Carried


def settle_sent(
    session: Session,
    claimed: Claim,
    row_ids: Sequence[int],
    settings: Settings,
    *,
    started: datetime,
    now: datetime,
) -> None:
    """Settle the rows of a lot that the server took; their accounts are notified as of `started`.

    That is the instant the deadline written in them was computed from (R9).
    """
    rows = claimed.rows
    if row_ids:
        _settle(session, rows, settings, rows.id.in_(row_ids), rows.lease == claimed.lease, started=started, now=now)


def settle_left_behind(session: Session, carried: Carried, settings: Settings, now: datetime) -> None:
    """Settle what dead workers handed over and had no time to settle, once their leases have run out."""
    for rows, conditions in carried.queues:
        left = (rows.handed_over_at.is_not(None), rows.next_attempt_at <= now, *conditions)
        _settle(session, rows, settings, *left, started=now, now=now)


def _settle(
    session: Session,
    rows: Deliverable,
    settings: Settings,
    *conditions: ColumnElement[bool],
    started: datetime,
    now: datetime,
) -> None:
    settled = (
        update(rows)
        .where(rows.delivery == DeliveryState.SENDING, *conditions)
        .values(
            delivery=DeliveryState.SENT,
            settled_at=func.coalesce(rows.handed_over_at, now),
            lease=None,
            next_attempt_at=None,
            error=None,
        )
        .execution_options(synchronize_session=False)
    )
    if rows is not Notification:
        session.execute(settled)
        return
    told: dict[tuple[int, Channel], list[int]] = defaultdict(list)
    of_row = Notification.establishment_id, Notification.channel, Notification.account_id
    for establishment_id, channel, account_id in session.execute(settled.returning(*of_row)):
        if account_id is not None:
            told[establishment_id, channel].append(account_id)
    today = local_date(started, settings.time_zone)
    for (establishment_id, channel), account_ids in told.items():
        mark_notified(Desk(session, SYSTEM, started, establishment_id, today), account_ids, channel.value)
