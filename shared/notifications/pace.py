"""How fast mails may leave: `MAIL_PER_MINUTE`, counted over all workers in the database."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from shared.models.notifications import AccountMail, Channel, DeliveryState, Notification
from shared.notifications.delivery import LEASE, Deliverable

SHORTEST_WINDOW = timedelta(seconds=6)
"""A minute's mails are spread over its tenths rather than sent at its beginning."""


def may_send_now(session: Session, per_minute: int, now: datetime) -> bool:
    """Whether one more mail may leave at `now`; always, when `per_minute` is 0."""
    if not per_minute:
        return True
    window = max(SHORTEST_WINDOW, timedelta(minutes=1) / per_minute)
    allowed = max(1, int(per_minute * (window / timedelta(minutes=1))))
    handed_over = _handed_over(session, Notification, now - window) + _handed_over(session, AccountMail, now - window)
    return handed_over < allowed


def _handed_over(session: Session, rows: Deliverable, since: datetime) -> int:
    settled = rows.delivery.in_((DeliveryState.SENT, DeliveryState.REFUSED)) & (rows.settled_at > since)
    on_its_way = (rows.delivery == DeliveryState.SENDING) & (rows.next_attempt_at > since + LEASE)
    count = select(func.count()).select_from(rows).where(or_(settled, on_its_way))
    if rows is Notification:
        count = count.where(Notification.channel == Channel.MAIL)
    return session.scalar(count) or 0
