"""What one channel carries: its notifications, and before them the rows that somebody waits for."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from shared.models.notifications import Channel, Notification
from shared.notifications.outbox.leases import Deliverable

Queue = tuple[Deliverable, tuple[ColumnElement[bool], ...]]


@dataclass(frozen=True)
class Carried:
    """The rows that the worker of one channel takes, limits and settles."""

    channel: Channel
    sooner: tuple[Deliverable, ...] = ()
    """Other tables whose rows leave the same way, before any notification: somebody waits in front of the screen."""

    @property
    def queues(self) -> tuple[Queue, ...]:
        """The tables, each with what tells its rows from those of other channels, in the order they are taken."""
        return (*((rows, ()) for rows in self.sooner), (Notification, (Notification.channel == self.channel,)))
