"""Knowing which mails the server took, however the worker ends.

Mails are claimed and settled in lots, since two transactions for each would cost more than sending it. In between, each
mail that the server took is noted at once, by one small write. This is what is promised:

- a worker killed at any moment, even with `kill -9`, sends again at most the one mail whose « 250 » it had not noted
  yet, and never the rest of its lot: SMTP has no way to ask whether a mail arrived. It leaves with the same Message-ID,
  so that a receiver can drop it;
- a database that is away for a while is waited for, until the lease of the lot runs out;
- these notes do not wait for the disk: after a power cut of the machine of the database, the mails of the last instants
  may leave again, as after a kill.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from types import TracebackType

from sqlalchemy import Connection, Update, bindparam, update
from sqlalchemy.exc import DBAPIError

from shared.clock import now
from shared.database import Database
from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.notifications.outbox.leases import Deliverable

SECONDS_BETWEEN_TRIES = 1.0

_outage = Outage(
    logging.getLogger(__name__), "the database", "what was sent is kept in mind, and written as soon as it is back"
)


def insist(work: Callable[[], None], until: datetime) -> None:
    """Do `work`, again and again while the database is away, but not after `until`.

    Raises:
        DBAPIError: it is still away by then.
    """
    while True:
        try:
            work()
        except DBAPIError as error:
            if now() >= until:
                raise
            _outage.failed(what(error))
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return _outage.worked()


class HandOvers:
    """Notes of what the server took, on a connection of their own that is opened by the first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def __enter__(self) -> "HandOvers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def note(self, rows: Deliverable, row_id: int, lease: str, until: datetime) -> None:
        """Note that the server took the mail of this row, which is leased `until` then.

        Raises:
            DBAPIError: the database stays away.
        """
        at = now()
        insist(lambda: self._write(rows, row_id, lease, at), until)

    def _write(self, rows: Deliverable, row_id: int, lease: str, at: datetime) -> None:
        try:
            self._connection = self._connection or self._database.connect_hastily(by_statement=True)
            with self._connection.begin():
                self._connection.execute(_noted(rows), {"row_id": row_id, "its_lease": lease, "at": at})
        except DBAPIError:
            self._close()
            raise

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


@cache
def _noted(rows: Deliverable) -> Update:
    return (
        update(rows)
        .where(rows.id == bindparam("row_id"), rows.lease == bindparam("its_lease"))
        .values(handed_over_at=bindparam("at"))
    )
