"""Where accounts and members of staff came in from before: strangers make nobody wait there (R10).

A place is a network, or a browser known by a cookie that it was given when it came in first. Behind one address of a
provider there may be a thousand homes, and a telephone changes networks on its way to work: the cookie tells the family
from its neighbours. What every login asks is written once: making a statement takes longer than the database does.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Executable,
    ScalarSelect,
    Table,
    bindparam,
    delete,
    exists,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.database import insert_on
from shared.limits.networks import network_of
from shared.models.access.familiar_places import FamiliarPlace
from shared.models.accounts import Account
from shared.models.staff import Staff

FAMILIAR_FOR = timedelta(days=365)
SEEN_AGAIN_AFTER = timedelta(days=1)
"""So that somebody who comes in each hour writes here once a day."""
MOST = 40
"""Places kept of one owner, the last ones: a telephone may come from a new network each day."""
DEVICE_BYTES = 32
LONGEST_DEVICE = 64

_PLACES = cast(Table, FamiliarPlace.__table__)


@dataclass(frozen=True)
class Place:
    """Where somebody comes from, as two hashes; `device` is what the cookie of the browser holds, made up or not."""

    network: str
    device: str

    @classmethod
    def of(cls, address: str, device: str) -> "Place":
        """The place of a browser at `address` that holds `device`, which may be empty."""
        return cls(hash_of_network(address), _hash("device", device) if device else "")


@dataclass(frozen=True)
class Familiarity:
    """When an owner came in last from a network, and with a browser; none when never, or too long ago."""

    network: datetime | None
    device: datetime | None

    @property
    def is_any(self) -> bool:
        """Whether the owner came in from either."""
        return self.network is not None or self.device is not None

    def to_note(self, place: Place, now: datetime) -> list[str]:
        """The hashes of `place` that are to be noted when the owner comes in, because they were not lately."""
        seen = {place.network: self.network, place.device: self.device}
        return [hash_ for hash_, at in seen.items() if hash_ and (at is None or now - at > SEEN_AGAIN_AFTER)]


@dataclass(frozen=True)
class Places:
    """The places of the accounts, or those of staff."""

    owner: InstrumentedAttribute[int | None]
    owner_id: InstrumentedAttribute[int]

    def seen(self, place: BindParameter[str]) -> ScalarSelect[datetime]:
        """When the owner that a statement selects came in last from a place, for statements written once."""
        of_owner = select(FamiliarPlace.seen_at).where(
            self.owner == self.owner_id,
            FamiliarPlace.place_hash == place,
            FamiliarPlace.seen_at > bindparam("familiar_since"),
        )
        return of_owner.correlate(self.owner_id.class_).scalar_subquery()

    def note(self, session: Session, owner_id: int, hashes: Collection[str], now: datetime) -> None:
        """Note that the owner came in from these places, and forget all but the last ones."""
        if not hashes:
            return
        rows = [{self.owner.key: owner_id, "place_hash": hash_, "seen_at": now} for hash_ in sorted(hashes)]
        session.execute(_noted(session.get_bind().dialect.name, self.owner.key), rows)
        session.execute(_beyond_most(self.owner.key), {"of_owner": owner_id})

    def any_known(self) -> ColumnElement[bool]:
        """Whether the owner `of_owner` came in from anywhere since `familiar_since`, for statements written once."""
        known = select(FamiliarPlace.id).where(
            self.owner == bindparam("of_owner"), FamiliarPlace.seen_at > bindparam("familiar_since")
        )
        return exists(known)

    def is_any_known(self, session: Session, owner_id: int, now: datetime) -> bool:
        """Whether the owner came in from anywhere within a year."""
        return bool(session.scalar(select(self.any_known()), {"of_owner": owner_id, **within_a_year(now)}))

    def knows(self, session: Session, owner_id: int, place: str, now: datetime) -> bool:
        """Whether the owner came in from `place`, one of the hashes of a `Place`, within a year."""
        known = select(FamiliarPlace.id).where(self.owner == owner_id, FamiliarPlace.place_hash == place)
        return session.scalar(known.where(FamiliarPlace.seen_at > now - FAMILIAR_FOR)) is not None

    def forget(self, session: Session, owner_id: int) -> None:
        """Forget them all, because a stranger may have come in."""
        session.execute(delete(_PLACES).where(_PLACES.c[self.owner.key] == owner_id))


@cache
def _noted(dialect: str, owner: str) -> Executable:
    row = insert_on(dialect, _PLACES)
    return row.on_conflict_do_update(index_elements=[owner, "place_hash"], set_={"seen_at": row.excluded.seen_at})


@cache
def _beyond_most(owner: str) -> Executable:
    held = select(_PLACES.c.id).where(_PLACES.c[owner] == bindparam("of_owner"))
    beyond = held.order_by(_PLACES.c.seen_at.desc(), _PLACES.c.id.desc()).offset(MOST)
    return delete(_PLACES).where(_PLACES.c.id.in_(beyond))


OF_ACCOUNTS = Places(FamiliarPlace.account_id, Account.id)
OF_STAFF = Places(FamiliarPlace.staff_id, Staff.id)


def named(place: Place, now: datetime) -> dict[str, object]:
    """The values of a statement that asks `Places.seen` for `network` and `device`."""
    return {"network": place.network, "device": place.device, **within_a_year(now)}


def within_a_year(now: datetime) -> dict[str, datetime]:
    """The value of a statement that asks since when a place is familiar."""
    return {"familiar_since": now - FAMILIAR_FOR}


def new_device() -> str:
    """What a browser that comes in for the first time is given to keep."""
    return secrets.token_urlsafe(DEVICE_BYTES)


def hash_of_network(address: str) -> str:
    """What the network around `address` is known by here."""
    return _hash("network", network_of(address).home)


def remove_unfamiliar(session: Session, now: datetime) -> None:
    """Remove the places that nobody came in from for a year; for the daily job."""
    session.execute(delete(FamiliarPlace).where(FamiliarPlace.seen_at <= now - FAMILIAR_FOR))


def _hash(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\x1f{value}".encode()).hexdigest()
