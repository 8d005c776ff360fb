"""What a channel says of itself: whom it reaches, who carries it, how it is told in words."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models.notifications import Channel, DeliveryState, MailOutage
from shared.models.reasons import Reason
from shared.notifications.content.addresses import Addressed


@dataclass(frozen=True)
class Addresses:
    """Where somebody may be reached."""

    mail: str | None
    """That the holder confirmed, else that of the school base (`mail_address`)."""
    postal: Addressed


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


@dataclass(frozen=True)
class ChannelType:
    """One channel: all that the rest of the project knows of it."""

    channel: Channel
    code: str
    """What its notifications are called in the journal and in the answers of commands, in the plural."""
    reach: Callable[[Addresses, Collection[str]], Reach]
    """Whether a person can be reached; the collection holds the addresses that mails come back from."""
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
    keeps_files: bool = False
    """What it makes is kept to be downloaded, for a while."""
    per_minute: Callable[[Settings], int] = lambda _settings: 0
    """How many may leave in a minute; no limit when it is 0."""
    outage: Callable[[Session], MailOutage | None] = lambda _session: None
    """What keeps it from delivering anything now; none when nothing does."""
