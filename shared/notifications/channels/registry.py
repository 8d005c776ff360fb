"""The channels there are, and the modes that staff choose from: each tries its channels in turn (R15)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from shared.models.notifications import Channel, Mode
from shared.notifications.channels.channel import Addresses, ChannelType, Reach
from shared.notifications.channels.coupon import COUPON
from shared.notifications.channels.mail import MAIL
from shared.notifications.channels.paper import PAPER

CHANNELS: Mapping[Channel, ChannelType] = MappingProxyType({one.channel: one for one in (MAIL, PAPER, COUPON)})
"""The slowest first: a campaign ends when it does."""

SLOWEST = next(iter(CHANNELS))


@dataclass(frozen=True)
class Route:
    """The channels that a mode tries, in order, until one reaches the person."""

    channels: Sequence[ChannelType]
    choice: str
    """What staff choose."""
    title: str
    """How a campaign by this mode is called."""


ROUTES: Mapping[Mode, Route] = MappingProxyType(
    {
        Mode.BOTH: Route(
            (MAIL, PAPER),
            "Courriel, et document papier pour qui n'a pas d'adresse électronique",
            "courriel ou courrier",
        ),
        Mode.MAIL: Route((MAIL,), "Courrier électronique seulement", "courriel"),
        Mode.PAPER: Route((PAPER,), "Document papier seulement", "courrier"),
        Mode.MAIL_OR_COUPON: Route(
            (MAIL, COUPON),
            "Courriel, et coupon remis en classe pour qui n'a pas d'adresse électronique",
            "courriel ou coupon",
        ),
        Mode.COUPON: Route((COUPON,), "Coupon remis en classe seulement", "coupon"),
    }
)
"""In the order in which staff choose."""

DELIVERED = tuple(dict.fromkeys(one.delivered for one in CHANNELS.values()))
"""The states of what was handed over, whatever the channel."""
PRINTED = tuple(channel for channel, one in CHANNELS.items() if one.keeps_files)
"""The channels whose files are kept to be downloaded."""
BELLS = tuple(dict.fromkeys(one.bell for one in CHANNELS.values()))
"""What a campaign wakes."""


def reached(person: Addresses, mode: Mode, failing: Collection[str] = ()) -> tuple[ChannelType, Reach]:
    """The first channel of `mode` that reaches `person`; the last one, with the reason, when none does.

    `failing` are the addresses that mails come back from, in lower case.
    """
    for one in ROUTES[mode].channels:
        reach = one.reach(person, failing)
        if reach.why_not is None:
            break
    return one, reach


def mode_of(channel: Channel) -> Mode:
    """The mode that tries this channel and no other."""
    return next(mode for mode, route in ROUTES.items() if [one.channel for one in route.channels] == [channel])
