"""Hands over the rows of a channel that are due, in lots: claim, commit, hand over one by one, settle, commit (R18).

Several transactions for one lot: these methods are given the database, and own them. What is promised when a worker
dies in between is said in `receipts`. A channel says how it reaches its server, writes a row out and hands it over.
"""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import ClassVar, Generic, TypeVar

from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.outage import Outage
from shared.models.notifications import Notification
from shared.notifications.outbox.claiming import Lot, NotYet, take_lot
from shared.notifications.outbox.completion import note_ends
from shared.notifications.outbox.leases import (
    ConnectionDropped,
    DeliveryFailed,
    HandOverUnknown,
    ServerBusy,
    ServerUnavailable,
    TemporaryFailure,
    finish_campaigns,
    give_back,
    settle_failure,
)
from shared.notifications.outbox.outages import end_outage, note_outage
from shared.notifications.outbox.queues import Carried
from shared.notifications.outbox.rate_limit import LONGEST_LOT, Restraint
from shared.notifications.outbox.receipts import HandOvers, insist
from shared.notifications.outbox.settlement import settle_left_behind, settle_sent

PACE_SECONDS = 0.25
SETBACKS_IN_A_ROW = 5
"""Rows cut off, or postponed whatever they are, after which the server rather than the rows is the cause."""
UNKNOWN_IN_A_ROW = 2
"""The same, where each is lost for the person unless staff try it again."""

log = logging.getLogger(__name__)

Server = TypeVar("Server")
"""What a row is handed over to: one connection for a round."""
Written = TypeVar("Written")
"""A row, written out."""


@dataclass
class Outcome:
    """What became of the rows of a lot; those in neither were not tried."""

    sent: list[int] = field(default_factory=list)
    failures: dict[int, DeliveryFailed] = field(default_factory=dict)
    outage: str | None = None


class Carrier(ABC, Generic[Server, Written]):
    """Hands over everything due over one connection, until nothing is due, the server fails, or `stopping` is set."""

    carried: ClassVar[Carried]
    longest: ClassVar[timedelta]
    """What one row takes at the most: none is begun that another worker might take over meanwhile."""
    outage: ClassVar[Outage]

    def __init__(self, database: Database, settings: Settings, stopping: Event) -> None:
        self._database = database
        self._settings = settings
        self._sealer = Sealer(settings.initial_password_keys)
        self._stopping = stopping
        self._restraint = Restraint()
        self._setbacks = 0

    @abstractmethod
    def per_minute(self) -> int:
        """How many may leave in a minute; no limit when it is 0."""

    @abstractmethod
    def connect(self) -> AbstractContextManager[Server]:
        """The server, for one round; it is reached when the first row is handed over."""

    @abstractmethod
    def compose(self, lot: Lot) -> Mapping[int, Written | DeliveryFailed]:
        """Each row of a lot written out, or why there is nothing to hand over."""

    @abstractmethod
    def hand_over(
        self, server: Server, hand_overs: HandOvers, lot: Lot, some: Mapping[int, Written]
    ) -> Mapping[int, DeliveryFailed | None]:
        """Hand some rows over, `at_once` at the most, and note those that the server took.

        Returns, of each that was tried, why the server did not take it, or that nobody knows; none where it did.
        """

    def at_once(self, server: Server) -> int:
        """How many rows are handed over before the first answer is waited for: so many may be lost to sight at once."""
        return 1

    def lot_over(self, server: Server, lot: Lot) -> None:
        """What is written before a lot is settled."""

    def claimed(self, session: Session, lot: Lot) -> None:
        """What is written with the claim of a lot, in its transaction."""

    def left_behind(self, session: Session, instant: datetime) -> None:
        """What is settled of rows that dead workers left, before any of them is claimed, in the same transaction."""

    def send_due(self) -> int:
        """How many rows were handed over to the server.

        A server that cannot be used ends the round: what is due stays due, and a later round tries again.
        """
        sent = 0
        with self.connect() as server, HandOvers(self._database) as hand_overs:
            while (lot := self._take()) is not None:
                outcome = self._send(server, hand_overs, lot)
                insist(lambda: self._settle(lot, outcome), lot.leased_until)  # noqa: B023 - called at once
                self._tell(lot, outcome)
                sent += len(outcome.sent)
                if outcome.outage:
                    break
        with self._database.writing() as session:
            settle_left_behind(session, self.carried, self._settings, now())
            finish_campaigns(session, now())
        return sent

    def _take(self) -> Lot | None:
        while not self._stopping.is_set():
            try:
                instant = now()
                with self._database.writing() as session:
                    self.left_behind(session, instant)
                    lot = take_lot(session, self.carried, self.per_minute(), instant)
                    if lot is not None:
                        self.claimed(session, lot)
                    return lot
            except NotYet:
                self._stopping.wait(PACE_SECONDS)
        return None

    def _send(self, server: Server, hand_overs: HandOvers, lot: Lot) -> Outcome:
        written = self.compose(lot)
        outcome = Outcome()
        give_up_at = time.monotonic() + LONGEST_LOT.total_seconds()
        outcome.failures.update({row_id: one for row_id, one in written.items() if isinstance(one, DeliveryFailed)})
        ready = [row_id for row_id in lot.claimed.ids if row_id not in outcome.failures]
        while ready:
            if self._stopping.is_set() or time.monotonic() > give_up_at or outcome.outage or not self._has_time(lot):
                break
            # A server that asks to slow down gets one at a time.
            number = 1 if self._restraint.seconds else self.at_once(server)
            some, ready = ready[:number], ready[number:]
            ours = {row_id: one for row_id in some if not isinstance(one := written[row_id], DeliveryFailed)}
            outcome.outage = self._told(outcome, self.hand_over(server, hand_overs, lot, ours))
            if self._restraint.seconds:
                self._stopping.wait(self._restraint.seconds)
        self.lot_over(server, lot)
        return outcome

    def _told(self, outcome: Outcome, tried: Mapping[int, DeliveryFailed | None]) -> str | None:
        """Keep what became of some rows; the reason of the outage that it shows, if it is one.

        What a server says of several at once it says once; but each that nobody knows of counts.
        """
        failures = {row_id: failure for row_id, failure in tried.items() if failure is not None}
        outcome.failures.update(failures)
        for row_id in tried:
            if row_id not in failures:
                outcome.sent.append(row_id)
                self._setbacks = 0
                self._restraint.taken()
        unknown = [one for one in failures.values() if isinstance(one, HandOverUnknown)]
        worst = sorted(failures.values(), key=lambda one: isinstance(one, TemporaryFailure))[-1:]
        return next(filter(None, [self._set_back(one) for one in unknown or worst]), None)

    def _set_back(self, failure: DeliveryFailed) -> str | None:
        """Slow down as `failure` asks for; the reason of the outage that it is, if it is one."""
        if isinstance(failure, TemporaryFailure):
            self._restraint.put_off()
        setback = isinstance(failure, (ServerBusy, ConnectionDropped, HandOverUnknown))
        most = UNKNOWN_IN_A_ROW if isinstance(failure, HandOverUnknown) else SETBACKS_IN_A_ROW
        self._setbacks = self._setbacks + 1 if setback else 0
        is_away = isinstance(failure, ServerUnavailable) and not isinstance(failure, ServerBusy)
        return failure.reason if is_away or self._setbacks >= most else None

    def _settle(self, lot: Lot, outcome: Outcome) -> None:
        instant = now()
        with self._database.writing() as session:
            settle_sent(session, lot.claimed, outcome.sent, self._settings, started=lot.started, now=instant)
            for row_id, failure in outcome.failures.items():
                settle_failure(session, lot.claimed, row_id, failure, instant)
            untried = [row_id for row_id in lot.claimed.ids if row_id not in {*outcome.sent, *outcome.failures}]
            give_back(session, lot.claimed, untried, instant)
            if outcome.outage:
                note_outage(session, self.carried.channel, outcome.outage, instant)
            elif lot.is_trial and len(untried) < len(lot.claimed.ids):
                end_outage(session, self.carried.channel)
            if lot.rows is Notification:
                note_ends(session, instant)

    def _tell(self, lot: Lot, outcome: Outcome) -> None:
        """One line for each lot, and one when the server goes or comes back."""
        sent, failed = len(outcome.sent), len(outcome.failures)
        left = len(lot.claimed.ids) - sent - failed
        kind, channel = lot.rows.__tablename__, self.carried.channel.value
        log.info("a lot of %s by %s: %d sent, %d refused or put off, %d left", kind, channel, sent, failed, left)
        if outcome.outage:
            self.outage.failed("« teleservices status » says why")
        elif outcome.sent:
            self.outage.worked()

    def _has_time(self, lot: Lot) -> bool:
        """Whether one more row of `lot`, even at its longest, is over before another worker may take the lot over."""
        return now() + self.longest <= lot.leased_until
