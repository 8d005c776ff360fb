"""Sends the mails that are due over one connection (R18); what is promised of them is said in `outbox.receipts`."""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy.orm import Session

from shared.logs.outage import Outage
from shared.notifications.channels.mail import MAIL
from shared.notifications.mail.composing import compose, prepare_invitations
from shared.notifications.mail.smtp import SECONDS_PER_MAIL, TIMEOUT_SECONDS, MailServer, Outgoing, OutgoingMail
from shared.notifications.outbox.carrier import Carrier
from shared.notifications.outbox.claiming import Lot
from shared.notifications.outbox.leases import DeliveryFailed
from shared.notifications.outbox.receipts import HandOvers

LONGEST_MAIL = timedelta(seconds=SECONDS_PER_MAIL + 2 * TIMEOUT_SECONDS)
"""The last word of a mail may be on its way when its time is over."""


class Postman(Carrier[Outgoing, OutgoingMail]):
    """Sends every due mail over one connection, until nothing is due, the server fails, or `stopping` is set."""

    carried = MAIL.carried
    longest = LONGEST_MAIL
    # Its own words may quote an address: they are for staff, on the page of the notification.
    outage = Outage(logging.getLogger(__name__), "the mail server", "mails wait, and one tries it from time to time")

    def per_minute(self) -> int:
        """`MAIL_PER_MINUTE`."""
        return MAIL.per_minute(self._settings)

    def connect(self) -> AbstractContextManager[Outgoing]:
        """One connection for a round."""
        return MailServer(self._settings).connect()

    def claimed(self, session: Session, lot: Lot) -> None:
        """The links of those that invite to come without a letter."""
        prepare_invitations(session, self._settings, lot)

    def compose(self, lot: Lot) -> Mapping[int, OutgoingMail | DeliveryFailed]:
        """The mails of a lot."""
        return compose(self._database, self._settings, self._sealer, lot)

    def hand_over(
        self, server: Outgoing, hand_overs: HandOvers, lot: Lot, some: Mapping[int, OutgoingMail]
    ) -> Mapping[int, DeliveryFailed | None]:
        """Send one mail, and note at once that the server took it."""
        [(row_id, written)] = some.items()
        try:
            server.send(written)
        except DeliveryFailed as failure:
            return {row_id: failure}
        hand_overs.note(lot.rows, row_id, lot.claimed.lease, lot.leased_until)
        return {row_id: None}
