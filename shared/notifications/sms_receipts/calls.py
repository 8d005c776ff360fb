"""Receipts that an HTTP gateway calls us with (R18): noted once, in any order, whoever else asks for the same.

A gateway may call before its answer to the message was read and written, so that nobody knows yet what it calls the
message. Such a receipt is kept for a moment, and noted by the worker. What is of no message is forgotten: whoever
calls is not told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.sending.sms import EarlyReceipt, SmsMessage, SmsState
from shared.notifications.sms_receipts.noting import note_receipt
from shared.notifications.sms_receipts.receipt import Receipt

KEPT = timedelta(hours=1)
"""Longer than any gateway takes to answer."""
MOST_KEPT = 1000


def note_call(session: Session, receipts: Sequence[Receipt], at: datetime) -> int:
    """Note what a gateway says of messages; of how many that was not known yet."""
    # Asked first: what is in hand now, and is not known below, has been answered meanwhile.
    in_hand = session.scalar(select(exists().where(SmsMessage.state == SmsState.LEAVING)))
    noted = 0
    for receipt in receipts:
        if note_receipt(session, receipt, at):
            noted += 1
        elif in_hand:
            _keep(session, receipt, at)
    return noted


def note_early(session: Session, at: datetime) -> int:
    """Note the receipts that were kept and whose message is known by now; of how many."""
    of_message = exists().where(SmsMessage.reference == EarlyReceipt.reference)
    rows = session.scalars(select(EarlyReceipt).where(of_message).limit(MOST_KEPT)).all()
    noted = sum(note_receipt(session, _receipt(row), at) for row in rows)
    over = EarlyReceipt.reference.in_([row.reference for row in rows]) | (EarlyReceipt.came_at < at - KEPT)
    session.execute(delete(EarlyReceipt).where(over), execution_options={"synchronize_session": False})
    return noted


def _keep(session: Session, receipt: Receipt, at: datetime) -> None:
    is_known = session.scalar(select(exists().where(SmsMessage.reference == receipt.reference)))
    if is_known or (session.scalar(select(func.count()).select_from(EarlyReceipt)) or 0) >= MOST_KEPT:
        return
    columns = {"arrived": receipt.arrived, "said": receipt.said, "is_dead_number": receipt.is_dead_number}
    row = insert_or(session, EarlyReceipt).values(reference=receipt.reference, came_at=at, **columns)
    session.execute(row.on_conflict_do_nothing())


def _receipt(row: EarlyReceipt) -> Receipt:
    return Receipt(row.reference, row.arrived, row.said, row.is_dead_number)
