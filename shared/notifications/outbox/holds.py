"""A claim on rows that is held as long as whoever works on them lives, however long that is."""

from datetime import datetime, timedelta

from shared.clock import now
from shared.database import Database
from shared.notifications.outbox.leases import Claim, renew
from shared.rows.leases import LEASE


class Hold:
    """What was claimed at `since`. An edge: each renewal is a short transaction of its own."""

    def __init__(self, database: Database, claimed: Claim, since: datetime) -> None:
        self._database = database
        self._claimed = claimed
        self._until = since + LEASE

    def hold_for(self, longest: timedelta) -> None:
        """Call before any work of at most `longest`, less than a lease: nobody else takes the rows over during it.

        Raises:
            LeaseLost: somebody has.
        """
        instant = now()
        if instant + longest <= self._until:
            return
        with self._database.writing() as session:
            renew(session, self._claimed, instant)
        self._until = instant + LEASE
