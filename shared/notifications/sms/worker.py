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
from shared.notifications.sms.gateway import Gateway, Sms, connected
from shared.notifications.sms.messages import Ended, Ledger, note_unknown
from shared.notifications.sms.receipts import read_receipts
from shared.notifications.sms_receipts.calls import note_early

LONGEST_SMS = timedelta(seconds=45)
"""A gateway is given up before."""


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

    def hand_over(self, server: Connected, hand_overs: HandOvers, lot: Lot, row_id: int, written: Sms) -> None:
        """Send one message, noted before and after."""
        lease, until, ledger = lot.claimed.lease, lot.leased_until, server.ledger
        number = ledger.begin(row_id, lease, until)
        try:
            reference = server.gateway.send(written)
        except DeliveryFailed as failure:
            state = SmsState.UNKNOWN if isinstance(failure, HandOverUnknown) else SmsState.REFUSED
            ledger.end(Ended(number, row_id, lease, state))
            raise
        ledger.end(Ended(number, row_id, lease, SmsState.ACCEPTED, reference))

    def lot_over(self, server: Connected, lot: Lot) -> None:
        """The end of the last message is written as well."""
        server.ledger.flush(lot.leased_until)
