"""The signs of life that workers and the daily work leave in the database."""

import os
import socket
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.background import DailyRun, WorkerProcess

FORGOTTEN_AFTER = timedelta(days=7)
"""The row of a worker that was killed tells until then when it was seen last."""
_THE_ONE = 1


class SignOfLife:
    """Of this process, which works in the background."""

    def __init__(self, started_at: datetime) -> None:
        self._id = str(uuid.uuid4())
        self._started_at = started_at

    def give(self, session: Session, now: datetime) -> None:
        """Say that it works, and forget those that died long ago."""
        row = {"host": socket.gethostname()[:200], "pid": os.getpid(), "started_at": self._started_at, "seen_at": now}
        seen = insert_or(session, WorkerProcess).values(id=self._id, **row)
        session.execute(seen.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now}))
        session.execute(delete(WorkerProcess).where(WorkerProcess.seen_at < now - FORGOTTEN_AFTER))

    def take_back(self, session: Session) -> None:
        """Say that it stops as it was told to."""
        session.execute(delete(WorkerProcess).where(WorkerProcess.id == self._id))


def note_daily_run(session: Session, started: datetime, finished: datetime) -> None:
    """Note that the daily work came to its end."""
    values = {"finished_at": finished, "seconds": (finished - started).total_seconds()}
    run = insert_or(session, DailyRun).values(id=_THE_ONE, **values)
    session.execute(run.on_conflict_do_update(index_elements=["id"], set_=values))
