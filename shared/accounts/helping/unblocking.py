"""Whoever typed wrong passwords waits (R10); the help desk, on the telephone with a family, lets it go on at once.

Only what was counted of this account is lifted: from the homes that its refused logins came from, from its own
browsers, and from anywhere. What a home tried of other accounts stays counted, and so do the birth dates tried without
a letter (R37): nothing but the letter, or the school, helps there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.accounts.login.password_login import DIRECTORY
from shared.accounts.trail import note_in_every_school
from shared.acting.desk import Desk
from shared.limits.networks import network_of
from shared.limits.throttling import lift, waits_until
from shared.models.access.familiar_places import FamiliarPlace
from shared.models.accounts import Account
from shared.models.journal import Action, JournalEvent

LATELY = timedelta(days=1)
"""No count of one account is kept for longer."""
MOST_LOOKED_AT = 500


@dataclass(frozen=True)
class Refused:
    """The wrong passwords typed for an account within a day."""

    count: int
    last_at: datetime | None
    until: datetime | None
    """Until when somebody who typed them waits; none where nobody does."""


def refused_lately(session: Session, account: Account, now: datetime) -> Refused:
    """What was refused of late, and who still waits for it; up to `MOST_LOOKED_AT` refusals."""
    events = session.execute(_refusals(account, now).add_columns(JournalEvent.at)).all()
    until = waits_until(session, DIRECTORY, account.identifier, _places(session, account, now), now)
    return Refused(len(events), max((event.at for event in events), default=None), until)


def unblock(desk: Desk, account: Account) -> None:
    """Let whoever typed wrong passwords for `account` try again at once; the journal of each of its schools says so."""
    lift(desk.session, DIRECTORY, account.identifier, _places(desk.session, account, desk.now))
    note_in_every_school(desk, Action.ACCOUNT_UNBLOCKED, account, by=desk.establishment_id)


def _places(session: Session, account: Account, now: datetime) -> list[str]:
    """The homes that refused logins came from, and the browsers that the account was opened with, by their hash."""
    addresses = session.scalars(_refusals(account, now)).all()
    browsers = session.scalars(select(FamiliarPlace.place_hash).where(FamiliarPlace.account_id == account.id)).all()
    return [*{network_of(address).home for address in addresses}, *browsers]


def _refusals(account: Account, now: datetime) -> Select[str | None]:
    refused = select(JournalEvent.address).where(
        JournalEvent.account_id == account.id,
        JournalEvent.action == Action.LOGIN_REFUSED,
        JournalEvent.at > now - LATELY,
    )
    return refused.order_by(JournalEvent.id.desc()).limit(MOST_LOOKED_AT)
