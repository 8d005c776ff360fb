"""Mails that come back: a delivery status notification (RFC 3464) is read, believed, and noted (R18).

Anybody can write to the mailbox that bounces come to. A bounce is believed only when it quotes the Message-ID of a mail
of ours, which holds a code that nobody else can compute.
"""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import insert_or
from shared.models.notifications import Campaign, DeliveryState, FailingAddress, Notification
from shared.notifications.delivery import ERROR_CHARACTERS
from shared.notifications.message_ids import NOTIFICATION, message_id

_OURS = re.compile(rf"<{NOTIFICATION}\.(\d{{1,9}})\.[0-9a-f]{{24}}@[^<>\s]+>")


@dataclass(frozen=True)
class Bounce:
    """A mail that did not arrive, and will not."""

    message_id: str
    reason: str


def read_bounce(content: bytes) -> Bounce | None:
    """The permanent failure that a message reports; none when it is anything else, a delay for instance."""
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    if message.get_content_type() != "multipart/report":
        return None
    status = quoted = None
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            status = status or _failure(part)
        elif part.get_content_type() in {"message/rfc822", "text/rfc822-headers"}:
            quoted = quoted or _quoted_id(part)
    return Bounce(quoted, status) if status and quoted else None


def note_bounce(session: Session, settings: Settings, bounce: Bounce, now: datetime) -> bool:
    """Refuse the notification that came back and mark its address as failing; whether it was one of ours."""
    found = _OURS.fullmatch(bounce.message_id)
    row = (
        found
        and session.execute(
            select(Notification, Campaign.created_at)
            .join(Campaign, Campaign.id == Notification.campaign_id)
            .where(Notification.id == int(found[1]))
        ).one_or_none()
    )
    if not row or message_id(settings, NOTIFICATION, row.Notification.id, row.created_at) != bounce.message_id:
        return False
    reason = f"revenu : {bounce.reason}"[:ERROR_CHARACTERS]
    session.execute(
        update(Notification)
        .where(Notification.id == row.Notification.id, Notification.delivery == DeliveryState.SENT)
        .values(delivery=DeliveryState.REFUSED, error=reason),
        execution_options={"synchronize_session": False},
    )
    session.execute(
        insert_or(session, FailingAddress)
        .values(email=(row.Notification.recipient or "").lower(), since=now, reason=reason)
        .on_conflict_do_nothing()
    )
    return True


def _failure(part: Message) -> str | None:
    """The words of the first recipient that failed for good."""
    for block in part.walk():
        if str(block.get("Action", "")).strip().lower() == "failed":
            words = str(block.get("Diagnostic-Code") or block.get("Status") or "sans raison")
            return " ".join(words.split())
    return None


def _quoted_id(part: Message) -> str | None:
    payload = part.get_payload()
    first = payload[0] if isinstance(payload, list) else payload
    quoted = first if isinstance(first, Message) else email.message_from_string(str(first))
    value = quoted.get("Message-ID")
    return str(value).strip() if value else None
