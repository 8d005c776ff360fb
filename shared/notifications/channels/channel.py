"""What a channel says of itself: whom it reaches, who carries it, how it is told in words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.models.notifications import Channel, DeliveryState
from shared.models.reasons import Reason
from shared.models.teleservices import EstablishmentSettings
from shared.notifications.content.addresses import Addressed
from shared.notifications.outbox.leases import Deliverable
from shared.notifications.outbox.queues import Carried

Owner = tuple[AccountKind, int]
"""Of which kind a fiche is, and its number."""


@dataclass(frozen=True)
class Addresses:
    """Where somebody may be reached."""

    mail: str | None
    """That the holder confirmed, else that of the school base (`mail_address`)."""
    postal: Addressed
    mobile: str | None = None
    """As the school base has it."""
    accepts_sms: bool = False
    """The school base says so."""
    is_organisation: bool = False
    owner: Owner | None = None
    """Whose fiche it is."""


@dataclass(frozen=True)
class Known:
    """What is known of addresses beside the fiche."""

    failing: Collection[str] = ()
    """Those that messages come back from: addresses in lower case, and numbers."""
    shared: Collection[str] = ()
    """The mobile numbers of several families of the school, as its base has them."""
    returned: Collection[Owner] = ()
    """Whose letters came back from the address that the base still has."""
    countries: Collection[str] = ()
    """Whose mobile numbers are written to, beside those of France and overseas."""


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class Reach:
    """Whether somebody can be reached, and where."""

    recipient: str | None = None
    """What the row is addressed to; none where the address is read when it is written out."""
    why_not: Reason | None = None
    """None when the person can be reached."""


@dataclass(frozen=True)
class Counted:
    """A noun to count with: « 1 courriel », « 2 courriels »."""

    one: str
    many: str


@dataclass(frozen=True)
class ChannelWords:
    """The channel in French, for staff unless said otherwise."""

    name: str
    """« Courrier papier »."""
    for_holders: str
    """« lettre »."""
    by: str
    """« Par un courrier en PDF, à imprimer »: a choice."""
    unknown_address: str
    """« aucune adresse postale connue »."""
    noun: Counted
    """What is counted before it leaves."""
    leaves: Counted
    """« 1 courrier » + « sera préparé en PDF… »."""
    done: Counted
    waiting: Counted
    refused: Counted
    headings: tuple[str, str, str, str]
    """Of all, of what is done, of what waits, of what was refused."""
    awaited: str
    """« du serveur de courriel »: what a campaign waits for, while it does not answer."""
    away: str
    """« Le serveur de courriel ne prend plus rien »."""


@dataclass(frozen=True)
class ChannelType:
    """One channel: all that the rest of the project knows of it."""

    channel: Channel
    code: str
    """What its notifications are called in the journal and in the answers of commands, in the plural."""
    reach: Callable[[Addresses, Known], Reach]
    """Whether a person can be reached, with what is known of addresses."""
    address_of: Callable[[Addresses], str]
    """Where a person would be reached, as staff read it; empty when nowhere."""
    bell: str
    """What the worker does to compose and hand over: the name of the task that it is woken by."""
    carrier: str
    """Where that is, `module:class.method`, imported by the worker alone; the class takes the database, the settings
    and the event that stops it."""
    delivered: DeliveryState
    """The state of what was handed over."""
    words: ChannelWords
    names_recipients: bool = False
    """Its rows bear an address, that staff read when it is refused."""
    writes_to_numbers: bool = False
    """Its recipients are telephone numbers: those that two families share are not written to."""
    writes_to_homes: bool = False
    """It goes to a postal address: not to one that a letter came back from."""
    is_always_told: bool = False
    """How many would leave by it is told even when there are none."""
    keeps_files: bool = False
    """What it makes is kept to be downloaded, for a while."""
    per_minute: Callable[[Settings], int] = lambda _settings: 0
    """How many may leave in a minute; no limit when it is 0."""
    sooner: tuple[Deliverable, ...] = ()
    """Other tables whose rows it carries, before its notifications."""
    kinds: Collection[AccountKind] = tuple(AccountKind)
    """Whose accounts it is for."""
    is_offered: Callable[[Settings], bool] = lambda _settings: True
    """Whether this installation has it: else nothing shows of it."""
    is_wanted: Callable[[EstablishmentSettings], bool] = lambda _school: True
    """Whether a school wants it, where its installation has it."""
    price: Callable[[Settings], int] = lambda _settings: 0
    """What one costs, in ten-thousandths of a euro; nothing where it is 0."""
    without_address: tuple[Reason, ...] = ()
    """Why it does not reach a person whom another channel may: these are listed as still to be reached."""

    @property
    def carried(self) -> Carried:
        """The rows that its worker takes, limits and settles."""
        return Carried(self.channel, self.sooner)
