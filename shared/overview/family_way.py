"""The way of one family: by which channels it was reached, what that cost, how long it took to activate (R19)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.models.accounts import Account
from shared.models.notifications import Channel, Notification
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.sms.costs import cost_of_account


@dataclass(frozen=True)
class FamilyWay:
    """What reached the holder of an account, from one establishment, up to its activation."""

    reached: Sequence[tuple[Channel, datetime]]
    """The first first; those after the activation are no part of the way to it."""
    cost: int
    """In ten-thousandths of a euro, of all that left."""
    activated_at: datetime | None

    @property
    def days(self) -> int | None:
        """Whole days from the first of them to the activation; none before that, or where nothing came first."""
        if self.activated_at is None or not self.reached:
            return None
        return (self.activated_at - self.reached[0][1]).days

    @property
    def days_after_last(self) -> int | None:
        """The same, from the last of them."""
        if self.activated_at is None or not self.reached:
            return None
        return (self.activated_at - self.reached[-1][1]).days


def way_of(
    session: Session, establishment_id: int, account: Account, notifications: Sequence[Notification]
) -> FamilyWay:
    """The way of the holder of `account`, from its notifications of this establishment; one query."""
    until = account.activated_at
    reached = [
        (one.channel, one.settled_at)
        for one in notifications
        if one.delivery in DELIVERED and one.settled_at and (until is None or one.settled_at <= until)
    ]
    reached.sort(key=lambda step: step[1])
    return FamilyWay(reached, cost_of_account(session, establishment_id, account.id), until)
