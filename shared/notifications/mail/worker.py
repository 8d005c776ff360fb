"""Sends the mails that are due, in lots: claim, commit, send one by one, settle, commit (R18).

Several transactions for one lot: these functions are given the database, and own them. What is promised when a worker
dies in between is said in `handing_over`.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.outage import Outage
from shared.models.notifications import Notification
from shared.notifications.channels.mail import MAIL
from shared.notifications.mail.composing import Composed, compose
from shared.notifications.mail.smtp import SECONDS_PER_MAIL, TIMEOUT_SECONDS, MailServer, Outgoing
from shared.notifications.outbox.claiming import Lot, NotYet, take_lot
from shared.notifications.outbox.completion import note_ends
from shared.notifications.outbox.leases import (
    ConnectionDropped,
    DeliveryFailed,
    ServerBusy,
    ServerUnavailable,
    TemporaryFailure,
    finish_campaigns,
    give_back,
    settle_failure,
)
from shared.notifications.outbox.outages import end_outage, note_outage
from shared.notifications.outbox.rate_limit import LONGEST_LOT, Restraint
from shared.notifications.outbox.receipts import HandOvers, insist
from shared.notifications.outbox.settlement import settle_left_behind, settle_sent

PACE_SECONDS = 0.25
LONGEST_MAIL = timedelta(seconds=SECONDS_PER_MAIL + 2 * TIMEOUT_SECONDS)
"""The last word of a mail may be on its way when its time is over."""
SETBACKS_IN_A_ROW = 5
"""Mails cut off, or postponed whatever they are, after which the server rather than the mails is the cause."""


log = logging.getLogger(__name__)
# Its own words may quote an address: they are for staff, on the page of the notification.
_outage = Outage(log, "the mail server", "mails wait, and one tries it from time to time")


@dataclass
class _Outcome:
    """What became of the mails of a lot; those in neither were not tried."""

    sent: list[int] = field(default_factory=list)
    failures: dict[int, DeliveryFailed] = field(default_factory=dict)
    outage: str | None = None


class Postman:
    """Sends every due mail over one connection, until nothing is due, the server fails, or `stopping` is set."""

    def __init__(self, database: Database, settings: Settings, stopping: Event) -> None:
        self._database = database
        self._settings = settings
        self._sealer = Sealer(settings.initial_password_keys)
        self._stopping = stopping
        self._restraint = Restraint()
        self._setbacks = 0

    def send_due(self) -> int:
        """How many mails were handed over to the server.

        A server that cannot be used ends the round: what is due stays due, and a later round tries again.
        """
        sent = 0
        with MailServer(self._settings).connect() as outgoing, HandOvers(self._database) as hand_overs:
            while (lot := self._take()) is not None:
                outcome = self._send(outgoing, hand_overs, lot)
                insist(lambda: self._settle(lot, outcome), lot.leased_until)  # noqa: B023 - called at once
                _tell(lot, outcome)
                sent += len(outcome.sent)
                if outcome.outage:
                    break
        with self._database.writing() as session:
            settle_left_behind(session, self._settings, now())
            finish_campaigns(session, now())
        return sent

    def _take(self) -> Lot | None:
        while not self._stopping.is_set():
            try:
                with self._database.writing() as session:
                    return take_lot(session, MAIL.per_minute(self._settings), now())
            except NotYet:
                self._stopping.wait(PACE_SECONDS)
        return None

    def _send(self, outgoing: Outgoing, hand_overs: HandOvers, lot: Lot) -> _Outcome:
        composed = compose(self._database, self._settings, self._sealer, lot)
        outcome = _Outcome()
        give_up_at = time.monotonic() + LONGEST_LOT.total_seconds()
        for row_id in lot.claimed.ids:
            if self._stopping.is_set() or time.monotonic() > give_up_at or outcome.outage or not _has_time(lot):
                break
            self._send_one(outgoing, hand_overs, lot, row_id, composed[row_id], outcome)
        return outcome

    def _send_one(
        self, outgoing: Outgoing, hand_overs: HandOvers, lot: Lot, row_id: int, composed: Composed, outcome: _Outcome
    ) -> None:
        if isinstance(composed, DeliveryFailed):
            outcome.failures[row_id] = composed
            return
        try:
            outgoing.send(composed)
        except DeliveryFailed as failure:
            outcome.failures[row_id] = failure
            outcome.outage = self._set_back(failure)
        else:
            hand_overs.note(lot.rows, row_id, lot.claimed.lease, lot.leased_until)
            outcome.sent.append(row_id)
            self._setbacks = 0
            self._restraint.taken()
        if self._restraint.seconds:
            self._stopping.wait(self._restraint.seconds)

    def _set_back(self, failure: DeliveryFailed) -> str | None:
        """Slow down as `failure` asks for; the reason of the outage that it is, if it is one."""
        if isinstance(failure, TemporaryFailure):
            self._restraint.put_off()
        setback = isinstance(failure, (ServerBusy, ConnectionDropped))
        self._setbacks = self._setbacks + 1 if setback else 0
        is_away = isinstance(failure, ServerUnavailable) and not isinstance(failure, ServerBusy)
        return failure.reason if is_away or self._setbacks >= SETBACKS_IN_A_ROW else None

    def _settle(self, lot: Lot, outcome: _Outcome) -> None:
        instant = now()
        with self._database.writing() as session:
            settle_sent(session, lot.rows, outcome.sent, lot.claimed, self._settings, started=lot.started, now=instant)
            for row_id, failure in outcome.failures.items():
                settle_failure(session, lot.rows, row_id, lot.claimed, failure, instant)
            untried = [row_id for row_id in lot.claimed.ids if row_id not in {*outcome.sent, *outcome.failures}]
            give_back(session, lot.rows, untried, lot.claimed, instant)
            if outcome.outage:
                note_outage(session, outcome.outage, instant)
            elif lot.is_trial and len(untried) < len(lot.claimed.ids):
                end_outage(session)
            if lot.rows is Notification:
                note_ends(session, instant)


def _tell(lot: Lot, outcome: _Outcome) -> None:
    """One line for each lot, and one when the server goes or comes back."""
    sent, failed = len(outcome.sent), len(outcome.failures)
    left = len(lot.claimed.ids) - sent - failed
    kind = lot.rows.__tablename__
    log.info("a lot of %s: %d sent, %d refused or put off, %d left for later", kind, sent, failed, left)
    if outcome.outage:
        _outage.failed("« teleservices status » says why")
    elif outcome.sent:
        _outage.worked()


def _has_time(lot: Lot) -> bool:
    """Whether one more mail of `lot`, even at its longest, is over before another worker may take the lot over."""
    return now() + LONGEST_MAIL <= lot.leased_until
