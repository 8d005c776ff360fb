"""What became of messages that a gateway took: asked for, or come by themselves, and noted once each (R18)."""

import logging
from datetime import datetime
from threading import Event

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.clock import now
from shared.database import Database
from shared.logs.discretion import what
from shared.models.notifications import DeliveryState, Notification
from shared.models.reasons import ERROR_CHARACTERS, Reason
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.outbox.dead_addresses import mark_failing
from shared.notifications.outbox.leases import DeliveryFailed
from shared.notifications.sms.gateway import Gateway, Receipt
from shared.notifications.sms.messages import POLLS

AT_ONCE = 200
"""Receipts asked for in one round: messages that are due do not wait behind them."""
OPEN = (SmsState.ACCEPTED, SmsState.UNKNOWN)
_AS_IS = {"synchronize_session": False}

log = logging.getLogger(__name__)


def read_receipts(database: Database, gateway: Gateway, stopping: Event) -> int:
    """Note what the gateway says of messages; returns of how many. An edge: no transaction is open meanwhile."""
    noted, waiting = 0, _due(database)
    try:
        if waiting and not gateway.asks_for_receipts:
            noted += sum(_note(database, receipt) for receipt in gateway.receipts())
        for number, reference in waiting:
            if stopping.is_set():
                break
            receipt = gateway.receipt_of(reference) if gateway.asks_for_receipts else None
            noted += _note(database, receipt) if receipt else 0
            _ask_later(database, number)
    except DeliveryFailed as failure:
        log.warning("receipts of SMS could not be read: %s", what(failure))
    return noted


def note_receipt(session: Session, receipt: Receipt, at: datetime) -> bool:
    """Note what became of one message; whether it is one of ours of which that was not known.

    A receipt that comes twice changes nothing the second time.
    """
    row = session.execute(
        select(SmsMessage.id, SmsMessage.notification_id, Notification.recipient)
        .join(Notification, Notification.id == SmsMessage.notification_id)
        .where(SmsMessage.reference == receipt.reference, SmsMessage.state.in_(OPEN))
        .order_by(SmsMessage.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return False
    state = SmsState.DELIVERED if receipt.arrived else SmsState.FAILED
    told = {"state": state, "settled_at": at, "next_poll_at": None}
    first = update(SmsMessage).where(SmsMessage.id == row.id, SmsMessage.state.in_(OPEN)).values(**told)
    if session.scalar(first.returning(SmsMessage.id), execution_options=_AS_IS) is None:
        return False
    mine = update(Notification).where(Notification.id == row.notification_id)
    if receipt.arrived:
        unknown = Notification.delivery == DeliveryState.REFUSED, Notification.error == Reason.SMS_STATE_UNKNOWN
        session.execute(mine.where(*unknown).values(delivery=DeliveryState.SENT, error=None), execution_options=_AS_IS)
        return True
    error = f"non remis : {receipt.said or 'sans raison'}"[:ERROR_CHARACTERS]
    sent = Notification.delivery.in_((DeliveryState.SENT, DeliveryState.REFUSED))
    session.execute(mine.where(sent).values(delivery=DeliveryState.REFUSED, error=error), execution_options=_AS_IS)
    if receipt.is_dead_number:
        mark_failing(session, row.recipient, error, at)
    return True


def _due(database: Database) -> list[tuple[int, str]]:
    """The messages whose receipt is asked for now, or, where receipts come by themselves, is still expected."""
    with database.reading() as session:
        wanted = (
            select(SmsMessage.id, SmsMessage.reference)
            .where(
                SmsMessage.state == SmsState.ACCEPTED,
                SmsMessage.next_poll_at <= now(),
                SmsMessage.reference.is_not(None),
            )
            .order_by(SmsMessage.next_poll_at)
            .limit(AT_ONCE)
        )
        return [(number, reference) for number, reference in session.execute(wanted) if reference]


def _note(database: Database, receipt: Receipt) -> bool:
    with database.writing() as session:
        return note_receipt(session, receipt, now())


def _ask_later(database: Database, number: int) -> None:
    """The next time, further away; none after some days, when operators have given up."""
    with database.writing() as session:
        message = session.get(SmsMessage, number)
        if message is None or message.state is not SmsState.ACCEPTED:
            return
        message.polls += 1
        message.next_poll_at = now() + POLLS[message.polls] if message.polls < len(POLLS) else None
