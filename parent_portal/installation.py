"""What one installation of the portal works with, within reach of its views."""

from dataclasses import dataclass, field
from typing import cast

from shared.provider.keys import Keyring
from shared.web import installation as shared_installation
from shared.web.installation import EXTENSION, let_go, network_address, once_kept, session, today
from shared.worker.bells import ring_logouts, ring_mails

__all__ = [
    "EXTENSION",
    "Installation",
    "installation",
    "let_go",
    "mail_once_kept",
    "network_address",
    "once_kept",
    "session",
    "tell_logouts_once_kept",
    "today",
]


@dataclass(frozen=True)
class Installation(shared_installation.Installation):
    """What both applications have, and the keys that the portal signs with."""

    keyring: Keyring = field(default_factory=Keyring)
    """Kept while the process lives."""


def installation() -> Installation:
    """The installation that answers the current request."""
    return cast(Installation, shared_installation.installation())


def tell_logouts_once_kept() -> None:
    """Wake whoever tells téléservices that a session ended, once it is kept."""
    once_kept(ring_logouts)


def mail_once_kept() -> None:
    """Wake whoever sends the mails that this request asks for, once it is kept."""
    once_kept(ring_mails)
