"""Mails that come back are read, believed, and noted (R18).

Anybody can write to the mailbox that bounces come to. A bounce is believed only when it quotes the Message-ID of a mail
of ours, which holds a code that nobody else can compute; and only what says that the recipient is unknown speaks
against the address (`bouncing.causes`).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models.notifications import Campaign, DeliveryState, Notification
from shared.models.reasons import ERROR_CHARACTERS
from shared.models.sending.refusals import Cause
from shared.notifications.bounces.reading import read_report
from shared.notifications.mail.message_ids import NOTIFICATION, message_id
from shared.notifications.outbox.dead_addresses import mark_failing
from shared.notifications.outbox.provider_refusals import note_refusal

MOST_IDS = 5
"""Looked at in one bounce: it speaks of one mail."""
_OURS = re.compile(rf"<{NOTIFICATION}\.\d{{1,9}}\.[0-9a-f]{{24}}@[^<>\s]{{1,255}}>")


@dataclass(frozen=True)
class Bounce:
    """A mail that did not arrive, and will not; `message_ids` are what it quotes that could be ours."""

    message_ids: tuple[str, ...]
    cause: Cause
    reason: str


def read_bounce(content: bytes) -> Bounce | None:
    """The permanent failure that a message reports; none when it is anything else, a delay for instance."""
    report = read_report(content)
    quoted = tuple(dict.fromkeys(_OURS.findall(report.quoted)))[:MOST_IDS] if report else ()
    return Bounce(quoted, report.cause, report.reason or "sans raison") if report and quoted else None


def note_bounce(session: Session, settings: Settings, bounce: Bounce, now: datetime) -> bool:
    """Refuse the notification that came back, and mark its address if nobody has it; whether it was one of ours."""
    row = next(filter(None, (_row_of(session, settings, quoted) for quoted in bounce.message_ids)), None)
    if row is None:
        return False
    reason = f"revenu : {bounce.reason}"[:ERROR_CHARACTERS]
    refused = session.scalars(
        update(Notification)
        .where(Notification.id == row.id, Notification.delivery == DeliveryState.SENT)
        .values(delivery=DeliveryState.REFUSED, error=reason)
        .returning(Notification.id),
        execution_options={"synchronize_session": False},
    ).all()
    if refused:
        note_refusal(session, row.id, bounce.cause, bounce.reason, now)
    if bounce.cause is Cause.ADDRESS:
        mark_failing(session, row.recipient, reason, now)
    return True


def _row_of(session: Session, settings: Settings, quoted: str) -> Row[int, str | None, datetime] | None:
    """The notification that `quoted` names, if we wrote it."""
    row = session.execute(
        select(Notification.id, Notification.recipient, Campaign.created_at)
        .join(Campaign, Campaign.id == Notification.campaign_id)
        .where(Notification.id == int(quoted.split(".")[1]))
    ).one_or_none()
    is_ours = row is not None and message_id(settings, NOTIFICATION, row.id, row.created_at) == quoted
    return row if is_ours else None
