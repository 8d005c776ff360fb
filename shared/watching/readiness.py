"""What a probe is told, in one word: whether pages can be answered, and whether work is done behind them (R38)."""

import enum
import logging
import threading
import time
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from shared.clock import now
from shared.database import Database
from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.migrations import version as schema_version
from shared.watching.judgement import Level, judge, worst
from shared.watching.state import read_background

SECONDS_KEPT = 5.0
"""However often it is asked, the database is asked so often by one process."""

log = logging.getLogger(__name__)


class Readiness(enum.Enum):
    """What can be expected of this process."""

    READY = enum.auto()
    DEGRADED = enum.auto()
    """Pages are answered; nothing, or too little, is done in the background."""
    UNAVAILABLE = enum.auto()
    """No database, or tables that are older than this version."""


class ReadinessProbe:
    """Asks the database, and remembers the answer for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._asked_at = -SECONDS_KEPT
        self._found = Readiness.UNAVAILABLE
        self._outage = Outage(log, "the database", "no page can be answered")

    def __call__(self) -> Readiness:
        """How it stands, as of a few seconds ago at most."""
        with self._lock:
            if time.monotonic() - self._asked_at >= SECONDS_KEPT:
                self._found = self._ask(now())
                self._asked_at = time.monotonic()
            return self._found

    def _ask(self, instant: datetime) -> Readiness:
        try:
            with self._database.reading() as session:
                if not schema_version.serves(session.connection()):
                    return Readiness.UNAVAILABLE
                level = worst(judge(read_background(session, instant), instant))
        except SQLAlchemyError as error:
            self._outage.failed(what(error))
            return Readiness.UNAVAILABLE
        self._outage.worked()
        return Readiness.DEGRADED if level is Level.CRITICAL else Readiness.READY
