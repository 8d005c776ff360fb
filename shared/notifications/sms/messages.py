"""Each message is noted before it is handed over, and after: nobody ever sends again what may have left (R18).

What is promised, however the worker ends:

- the messages that were being handed over when the worker was killed (as many as the gateway takes at once) are not
  sent again: their notifications are refused, with the words that nobody knows whether they left, and staff may try
  them again;
- a gateway that falls silent with messages in hand is treated alike;
- after a power cut of the machine of the database, these notes may be missing, as those of mails: the messages of the
  last instants may leave again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from types import TracebackType

from sqlalchemy import Connection, Update, and_, bindparam, exists, insert, literal, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from shared.clock import now
from shared.database import Database
from shared.models.notifications import DeliveryState, Notification
from shared.models.reasons import Reason
from shared.models.sending.sms import REFERENCE_LENGTH, SmsMessage, SmsState
from shared.notifications.outbox.receipts import insist
from shared.rows.leases import LeaseLost

POLLS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440, 2880))
"""When a receipt is asked for, since the time before; operators try for two or three days."""
_AS_IS = {"synchronize_session": False}


@dataclass(frozen=True)
class Ended:
    """What the gateway did with one message."""

    number: int
    """Of its note."""
    row_id: int
    lease: str
    state: SmsState
    reference: str | None = None


class Ledger:
    """Notes of what is handed over, on a connection of their own that is opened by the first.

    The end of some is written with the beginning of the next, which follows at once, and the last of a lot with
    `flush`: one small transaction for as many messages as are handed over at once.
    """

    def __init__(self, database: Database, price: int) -> None:
        self._database = database
        self._price = price
        self._connection: Connection | None = None
        self._ended: list[tuple[Ended, datetime]] = []

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def begin(self, row_ids: Sequence[int], lease: str, until: datetime) -> Mapping[int, int]:
        """Note that the messages of these notifications are about to be handed over; the number of the note of each.

        Those that this worker does not hold any more are left out.

        Raises:
            LeaseLost: another worker has them.
            DBAPIError: the database stays away: nothing is handed over.
        """
        numbers: dict[int, int] = {}
        insist(lambda: numbers.update(self._write(row_ids, lease)), until)
        if not numbers:
            raise LeaseLost
        return {row_id: numbers[row_id] for row_id in row_ids if row_id in numbers}

    def end(self, ended: Sequence[Ended]) -> None:
        """Remember what the gateway did with the messages begun last, until it is written."""
        at = now()
        self._ended = [(one, at) for one in ended]

    def flush(self, until: datetime) -> None:
        """Write what is remembered."""
        if self._ended:
            insist(self._flush, until)

    def _flush(self) -> None:
        self._write()

    def _write(self, row_ids: Sequence[int] = (), lease: str = "") -> dict[int, int]:
        numbers: dict[int, int] = {}
        with self._writing() as connection:
            if self._ended:
                _write_ends(connection, self._ended)
            if row_ids:
                begun = {"row_ids": row_ids, "its_lease": lease, "its_price": self._price, "at": now()}
                numbers = {row_id: number for number, row_id in connection.execute(_begun(), begun)}
        self._ended = []
        return numbers

    def _writing(self) -> "_Writing":
        self._connection = self._connection or self._database.connect_hastily()
        return _Writing(self, self._connection)

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _write_ends(connection: Connection, ended: Sequence[tuple[Ended, datetime]]) -> None:
    told = [
        {
            "number": one.number,
            "its_state": one.state,
            "its_reference": (one.reference or "")[:REFERENCE_LENGTH] or None,
            "its_settled_at": None if one.state is SmsState.ACCEPTED else at,
            "its_next_poll_at": at + POLLS[0] if one.state is SmsState.ACCEPTED else None,
        }
        for one, at in ended
    ]
    connection.execute(_over(), told)
    accepted = [(one, at) for one, at in ended if one.state is SmsState.ACCEPTED]
    if accepted:
        taken = [{"row_id": one.row_id, "its_lease": one.lease, "at": at} for one, at in accepted]
        connection.execute(_handed_over(), taken)


@cache
def _begun() -> ReturningInsert[int, int]:
    held = select(
        Notification.id,
        bindparam("its_lease", type_=SmsMessage.lease.type),
        literal(SmsState.LEAVING, SmsMessage.state.type),
        bindparam("its_price", type_=SmsMessage.price.type),
        bindparam("at", type_=SmsMessage.begun_at.type),
        literal(0),
    ).where(
        Notification.id.in_(bindparam("row_ids", expanding=True)),
        Notification.lease == bindparam("its_lease", type_=SmsMessage.lease.type),
        Notification.delivery == DeliveryState.SENDING,
    )
    columns = ["notification_id", "lease", "state", "price", "begun_at", "polls"]
    return insert(SmsMessage).from_select(columns, held).returning(SmsMessage.id, SmsMessage.notification_id)


@cache
def _over() -> Update:
    return (
        update(SmsMessage)
        .where(SmsMessage.id == bindparam("number"))
        .values(
            state=bindparam("its_state"),
            reference=bindparam("its_reference"),
            settled_at=bindparam("its_settled_at"),
            next_poll_at=bindparam("its_next_poll_at"),
        )
    )


@cache
def _handed_over() -> Update:
    mine = Notification.id == bindparam("row_id"), Notification.lease == bindparam("its_lease")
    return update(Notification).where(*mine).values(handed_over_at=bindparam("at"))


class _Writing:
    """One transaction of a ledger, whose connection is thrown away when the database breaks it."""

    def __init__(self, ledger: Ledger, connection: Connection) -> None:
        self._ledger = ledger
        self._connection = connection
        self._transaction = connection.begin()

    def __enter__(self) -> Connection:
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._transaction.__exit__(kind, error, traceback)
        except DBAPIError:
            self._ledger._close()
            raise
        if isinstance(error, DBAPIError):
            self._ledger._close()


def note_unknown(session: Session, at: datetime) -> None:
    """Refuse what was being handed over by workers that died: nobody knows whether it left.

    To be called before any row is claimed, in the same transaction.
    """
    over = and_(
        Notification.id == SmsMessage.notification_id,
        or_(
            Notification.lease.is_(None),
            Notification.lease != SmsMessage.lease,
            Notification.next_attempt_at <= at,
        ),
    )
    left = session.execute(
        select(SmsMessage.id, SmsMessage.notification_id, SmsMessage.lease).where(
            SmsMessage.state == SmsState.LEAVING, exists().where(over)
        )
    ).all()
    for number, notification_id, lease in left:
        session.execute(
            update(SmsMessage).where(SmsMessage.id == number).values(state=SmsState.UNKNOWN, settled_at=at),
            execution_options=_AS_IS,
        )
        theirs = Notification.id == notification_id, Notification.lease == lease
        told = {"error": Reason.SMS_STATE_UNKNOWN, "lease": None, "next_attempt_at": None, "settled_at": at}
        session.execute(
            update(Notification)
            .where(*theirs, Notification.delivery == DeliveryState.SENDING, Notification.handed_over_at.is_(None))
            .values(delivery=DeliveryState.REFUSED, **told),
            execution_options=_AS_IS,
        )
