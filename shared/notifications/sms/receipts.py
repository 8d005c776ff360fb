"""What became of messages that a gateway took: asked for, or come by themselves, and noted once each (R18)."""

import logging
from threading import Event

from sqlalchemy import select

from shared.clock import now
from shared.database import Database
from shared.logs.discretion import what
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.outbox.leases import DeliveryFailed
from shared.notifications.sms.gateway import Gateway
from shared.notifications.sms.messages import POLLS
from shared.notifications.sms_receipts.noting import note_receipt
from shared.notifications.sms_receipts.receipt import Receipt

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
