"""Ringing for background work: names put into the queue. The rows of our own tables say what there is to do.

Whoever rings loads nothing of the work. A bell that was lost, or a queue that was emptied, delays work until the next
sweep of the workers, a minute later, and loses none.
"""

import atexit
import logging
import sqlite3
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.config import Settings
from shared.notifications.channels.mail import MAIL
from shared.notifications.channels.registry import BELLS

if TYPE_CHECKING:
    from shared.worker.sweeps import Bells

log = logging.getLogger(__name__)


def ring_mails(settings: Settings) -> None:
    """Call after a commit that left mails of the portal to send."""
    _ring(settings, MAIL.bell)


def ring_campaign(settings: Settings) -> None:
    """Call after a commit that launched a campaign or put one of its rows back."""
    _ring(settings, *BELLS)


def ring_uploads(settings: Settings) -> None:
    """Call after a commit that left an upload to check or to import."""
    _ring(settings, "read_uploads")


def ring_logouts(settings: Settings) -> None:
    """Call after a commit that ended sessions of the portal."""
    _ring(settings, "tell_logouts")


def _ring(settings: Settings, *kinds: str) -> None:
    try:
        bells = _bells(settings)
    except (sqlite3.Error, OSError) as error:
        log.warning("the queue could not be opened, the next sweep will find the work: %s", error)
    else:
        bells.ring(*kinds)


@lru_cache(maxsize=8)
def _bells(settings: Settings) -> "Bells":
    # Read when it is first rung: huey brings the drivers of every storage along, a third of what the portal loads.
    from shared.worker.queue import open_queue
    from shared.worker.sweeps import Bells

    queue = open_queue(settings)
    # What is held for the life of the process nobody else closes, and its file would be left in three.
    atexit.register(queue.storage.close)
    return Bells(queue)
