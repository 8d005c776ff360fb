"""The channels there are, and the modes that staff choose from: each tries its channels in turn (R15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.models.notifications import Channel, Mode
from shared.models.reasons import Reason
from shared.models.teleservices import EstablishmentSettings
from shared.notifications.channels.channel import NOTHING_KNOWN, Addresses, ChannelType, Known, Reach
from shared.notifications.channels.coupon import COUPON
from shared.notifications.channels.mail import MAIL
from shared.notifications.channels.paper import PAPER
from shared.notifications.channels.print_service import PRINT_SERVICE
from shared.notifications.channels.sms import SMS
from shared.refusals import Refusal

CHANNELS: Mapping[Channel, ChannelType] = MappingProxyType(
    {one.channel: one for one in (MAIL, SMS, PAPER, COUPON, PRINT_SERVICE)}
)
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
        Mode.SMS: Route((SMS,), "SMS seulement", "SMS"),
        Mode.MAIL_SMS_OR_PAPER: Route(
            (MAIL, SMS, PAPER),
            "Courriel, à défaut SMS, à défaut document papier",
            "courriel, SMS ou courrier",
        ),
        Mode.PRINT_SERVICE: Route((PRINT_SERVICE,), "Par le prestataire d'impression", "courrier par prestataire"),
    }
)
"""In the order in which staff choose."""

DELIVERED = tuple(dict.fromkeys(one.delivered for one in CHANNELS.values()))
"""The states of what was handed over, whatever the channel."""
PRINTED = tuple(channel for channel, one in CHANNELS.items() if one.keeps_files)
"""The channels whose files are kept to be downloaded."""
BELLS = tuple(dict.fromkeys(one.bell for one in CHANNELS.values()))
"""What a campaign wakes."""


WITHOUT_ADDRESS: Mapping[Channel, tuple[Reason, ...]] = MappingProxyType(
    {channel: one.without_address for channel, one in CHANNELS.items() if one.without_address}
)
"""Why a channel that was wanted alone reached nobody, where another one may."""


class ModeNotOffered(Refusal):
    """This installation does not notify so; the message says which ways it has."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(
            f"Notifier par « {ROUTES[mode].title} » n'est pas proposé ici : choisissez un autre mode, "
            "ou demandez à la personne qui s'occupe du logiciel de configurer l'envoi."
        )


@dataclass(frozen=True)
class Offer:
    """What an installation notifies by, as its settings say."""

    modes: tuple[Mode, ...]
    countries: frozenset[str] = frozenset()
    """Whose mobile numbers it writes to, beside those of France and overseas."""
    prices: Mapping[Channel, int] = field(default_factory=dict)
    """What one costs, in ten-thousandths of a euro, by the channels that cost something."""

    @property
    def channels(self) -> tuple[ChannelType, ...]:
        """The channels of these modes, in the order of the registry."""
        used = {one.channel for mode in self.modes for one in ROUTES[mode].channels}
        return tuple(one for channel, one in CHANNELS.items() if channel in used)

    def modes_for(self, kind: AccountKind) -> tuple[Mode, ...]:
        """Those all of whose channels reach accounts of this kind."""
        return tuple(mode for mode in self.modes if all(kind in one.kinds for one in ROUTES[mode].channels))

    def channels_for(self, kind: AccountKind) -> tuple[ChannelType, ...]:
        """The channels that reach accounts of this kind."""
        return tuple(one for one in self.channels if kind in one.kinds)

    def require(self, mode: Mode) -> None:
        """Raise `ModeNotOffered` unless this installation notifies so."""
        if mode not in self.modes:
            raise ModeNotOffered(mode)


def offer_of(settings: Settings, school: EstablishmentSettings | None = None) -> Offer:
    """The modes all of whose channels this installation has, and `school` wants."""
    absent = {
        channel
        for channel, one in CHANNELS.items()
        if not one.is_offered(settings) or (school is not None and not one.is_wanted(school))
    }
    modes = tuple(mode for mode, route in ROUTES.items() if not absent & {one.channel for one in route.channels})
    prices = {channel: price for channel, one in CHANNELS.items() if (price := one.price(settings))}
    return Offer(modes, settings.sms_country_codes, prices)


NOTHING_MORE = Offer(
    tuple(
        mode
        for mode, route in ROUTES.items()
        if not {SMS.channel, PRINT_SERVICE.channel} & {one.channel for one in route.channels}
    )
)
"""What every installation offers."""


def reached(person: Addresses, mode: Mode, known: Known = NOTHING_KNOWN) -> tuple[ChannelType, Reach]:
    """The first channel of `mode` that reaches `person`; the last one, with the reason, when none does."""
    for one in ROUTES[mode].channels:
        reach = one.reach(person, known)
        if reach.why_not is None:
            break
    return one, reach


def mode_of(channel: Channel) -> Mode:
    """The mode that tries this channel and no other."""
    return next(mode for mode, route in ROUTES.items() if [one.channel for one in route.channels] == [channel])
