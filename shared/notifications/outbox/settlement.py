"""Settling the mails that the server took: one statement for a lot, and one for each school whose accounts it told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import Session

from shared.accounts.directory.states import mark_notified
from shared.clock import local_date
from shared.config import Settings
from shared.journal import SYSTEM
from shared.models.notifications import (
    AccountMail,
    CampaignMail,
    Channel,
    DeliveryState,
    DuplicatesMail,
    Notification,
    StaffMail,
)
from shared.notifications.outbox.leases import Claim, Deliverable


def settle_sent(
    session: Session,
    rows: Deliverable,
    row_ids: Sequence[int],
    claimed: Claim,
    settings: Settings,
    *,
    started: datetime,
    now: datetime,
) -> None:
    """Settle the mails of a lot that the server took; their accounts are notified as of `started`.

    That is the instant the deadline written in the mails was computed from (R9).
    """
    if row_ids:
        _settle(session, rows, settings, rows.id.in_(row_ids), rows.lease == claimed.lease, started=started, now=now)


def settle_left_behind(session: Session, settings: Settings, now: datetime) -> None:
    """Settle what dead workers handed over and had no time to settle, once their leases have run out."""
    for rows in (AccountMail, StaffMail, CampaignMail, DuplicatesMail, Notification):
        over = rows.next_attempt_at <= now
        _settle(session, rows, settings, rows.handed_over_at.is_not(None), over, started=now, now=now)


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
    told: dict[int, list[int]] = defaultdict(list)
    for establishment_id, account_id in session.execute(
        settled.returning(Notification.establishment_id, Notification.account_id)
    ):
        if account_id is not None:
            told[establishment_id].append(account_id)
    today = local_date(started, settings.time_zone)
    for establishment_id, account_ids in told.items():
        mark_notified(session, account_ids, started, today, SYSTEM, establishment_id, Channel.MAIL.value)
