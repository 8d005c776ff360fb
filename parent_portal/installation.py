"""What one installation of the portal works with, within reach of its views."""

from shared.web.installation import (
    EXTENSION,
    Installation,
    installation,
    let_go,
    network_address,
    once_kept,
    session,
    today,
)
from shared.worker.bells import ring_mails

__all__ = [
    "EXTENSION",
    "Installation",
    "installation",
    "let_go",
    "mail_once_kept",
    "network_address",
    "once_kept",
    "session",
    "today",
]


def mail_once_kept() -> None:
    """Wake whoever sends the mails that this request asks for, once it is kept."""
    once_kept(ring_mails)
