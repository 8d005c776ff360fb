"""Noting what became of one message, once (R18)."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.models.notifications import DeliveryState, Notification
from shared.models.reasons import ERROR_CHARACTERS, Reason
from shared.models.sending.sms import SmsMessage, SmsState
from shared.notifications.outbox.dead_addresses import mark_failing
from shared.notifications.sms_receipts.receipt import Receipt

OPEN = (SmsState.ACCEPTED, SmsState.UNKNOWN)
_AS_IS = {"synchronize_session": False}


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
