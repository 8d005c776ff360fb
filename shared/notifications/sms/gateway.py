"""What a gateway is to the rest: it takes one message, and says later what became of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from shared.config import Settings
from shared.models.reasons import Reason
from shared.notifications.outbox.leases import DeliveryFailed, PermanentFailure
from shared.notifications.sms_receipts.receipt import Receipt


@dataclass(frozen=True)
class Sms:
    """One message, ready to leave."""

    number: str
    """`+262692123456`."""
    text: str
    """Of one part."""


Taken = str | None | DeliveryFailed
"""What a gateway calls a message that it took, none when it does not say; or why it did not take it."""


class Gateway(Protocol):
    """One connection to a gateway, for a round of the worker."""

    at_once: int
    """How many messages it is handed before the first answer is waited for."""
    asks_for_receipts: bool
    """Whether each receipt is asked for; else they come by themselves."""

    def send(self, messages: Sequence[Sms]) -> Sequence[Taken]:
        """Hand messages over, `at_once` at the most; what became of each, in their order, up to the last one tried.

        A message is not taken with `ServerUnavailable` when the gateway takes nothing, whatever the message;
        `PermanentFailure` when it will not take this one; `HandOverUnknown` when it fell silent with it in hand.
        """
        ...

    def knock(self) -> None:
        """Reach it and send nothing.

        Raises:
            DeliveryFailed: it does not answer, or refuses our keys.
        """
        ...

    def receipt_of(self, reference: str) -> Receipt | None:
        """What became of one message; none when that is not known yet, or cannot be asked."""
        ...

    def receipts(self) -> Sequence[Receipt]:
        """Those that came by themselves since the last time."""
        ...


class NoGateway:
    """Of an installation whose gateway was taken away while messages waited."""

    at_once = 1
    asks_for_receipts = False

    def send(self, messages: Sequence[Sms]) -> Sequence[Taken]:
        """Refuse every message: no gateway is configured."""
        return [PermanentFailure(Reason.SMS_NOT_CONFIGURED) for _ in messages]

    def knock(self) -> None:
        """Refuse: no gateway is configured."""
        raise PermanentFailure(Reason.SMS_NOT_CONFIGURED)

    def receipt_of(self, reference: str) -> Receipt | None:
        """None: nothing was sent."""
        return None

    def receipts(self) -> Sequence[Receipt]:
        """None: nothing was sent."""
        return ()


@contextmanager
def connected(settings: Settings) -> Iterator[Gateway]:
    """The gateway of this installation; nothing is connected before it is used."""
    # Only the driver that is configured is loaded.
    if settings.sms_driver == "http":
        from shared.notifications.sms.http_gateway import HttpGateway

        with HttpGateway(settings) as by_http:
            yield by_http
    elif settings.sms_driver == "smpp":
        from shared.notifications.sms.smpp_gateway import SmppGateway

        with SmppGateway(settings) as by_smpp:
            yield by_smpp
    else:
        yield NoGateway()
