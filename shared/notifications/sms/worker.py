"""Sends the SMS that are due, and reads what became of those that left (R18, R36)."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shared.clock import now
from shared.logs.outage import Outage
from shared.models.sending.sms import SmsState
from shared.notifications.channels.sms import SMS
from shared.notifications.outbox.carrier import Carrier
from shared.notifications.outbox.claiming import Lot
from shared.notifications.outbox.leases import DeliveryFailed, HandOverUnknown
from shared.notifications.outbox.receipts import HandOvers
from shared.notifications.sms.composing import compose, prepare_codes
from shared.notifications.sms.gateway import Gateway, Sms, Taken, connected
from shared.notifications.sms.messages import Ended, Ledger, note_unknown
from shared.notifications.sms.receipts import read_receipts
from shared.notifications.sms_receipts.calls import note_early

LONGEST_SMS = timedelta(seconds=150)
"""A gateway is given up before, however many messages it has in hand."""


@dataclass(frozen=True)
class Connected:
    """A gateway, and the notes of what is handed to it."""

    gateway: Gateway
    ledger: Ledger


class SmsCarrier(Carrier[Connected, Sms]):
    """Sends every due message, until nothing is due, the gateway fails, or `stopping` is set."""

    carried = SMS.carried
    longest = LONGEST_SMS
    outage = Outage(logging.getLogger(__name__), "the SMS gateway", "messages wait, and one tries it from time to time")

    def per_minute(self) -> int:
        """`SMS_PER_MINUTE`."""
        return SMS.per_minute(self._settings)

    def connect(self) -> AbstractContextManager[Connected]:
        """The gateway of the settings, for a round."""
        return self._connected()

    @contextmanager
    def _connected(self) -> Iterator[Connected]:
        with connected(self._settings) as gateway, Ledger(self._database, SMS.price(self._settings)) as ledger:
            yield Connected(gateway, ledger)

    def send_due(self) -> int:
        """How many messages the gateway took; what it says of earlier ones is read afterwards."""
        sent = super().send_due()
        if self._settings.sms_receipts_secret is not None:
            with self._database.writing() as session:
                note_early(session, now())
        if SMS.is_offered(self._settings) and not self._stopping.is_set():
            with connected(self._settings) as gateway:
                read_receipts(self._database, gateway, self._stopping)
        return sent

    def claimed(self, session: Session, lot: Lot) -> None:
        """A code for each account that is still to be opened."""
        prepare_codes(session, self._settings, lot)

    def left_behind(self, session: Session, instant: datetime) -> None:
        """What dead workers were handing over is not handed over again."""
        note_unknown(session, instant)

    def compose(self, lot: Lot) -> Mapping[int, Sms | DeliveryFailed]:
        """The messages of a lot."""
        return compose(self._database, self._settings, lot)

    def at_once(self, server: Connected) -> int:
        """As many as the gateway has in hand."""
        return server.gateway.at_once

    def hand_over(
        self, server: Connected, hand_overs: HandOvers, lot: Lot, some: Mapping[int, Sms]
    ) -> Mapping[int, DeliveryFailed | None]:
        """Send some messages, noted before and after."""
        lease, ledger = lot.claimed.lease, server.ledger
        begun = ledger.begin(list(some), lease, lot.leased_until)
        taken = dict(zip(begun, server.gateway.send([some[row_id] for row_id in begun]), strict=False))
        ledger.end([_ended(number, row_id, lease, taken) for row_id, number in begun.items()])
        return {row_id: one if isinstance(one, DeliveryFailed) else None for row_id, one in taken.items()}

    def lot_over(self, server: Connected, lot: Lot) -> None:
        """The end of the last message is written as well."""
        server.ledger.flush(lot.leased_until)


def _ended(number: int, row_id: int, lease: str, taken: Mapping[int, Taken]) -> Ended:
    """What the gateway did with one message; what it was not tried with, it did not take."""
    one = taken.get(row_id)
    if isinstance(one, HandOverUnknown):
        return Ended(number, row_id, lease, SmsState.UNKNOWN)
    if isinstance(one, DeliveryFailed) or row_id not in taken:
        return Ended(number, row_id, lease, SmsState.REFUSED)
    return Ended(number, row_id, lease, SmsState.ACCEPTED, one)
