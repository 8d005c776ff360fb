"""Browsers in which somebody is logged in: one row each, so that logging out really ends it."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.limits import familiar_places
from shared.limits.familiar_places import Places
from shared.models.accounts import AccountSession
from shared.models.staff import StaffSession
from shared.proofs.secrets import drawn, hashed

SECONDS_BETWEEN_STAMPS = 300
"""How often the cookie of a browser in use says so again."""
_SEEN = "seen"
"""Where the cookie keeps, as a POSIX time, when its browser last asked for something."""


@dataclass(frozen=True)
class Browsers:
    """The rows of one of the two applications, and how long one lasts."""

    table: type[AccountSession] | type[StaffSession]
    owner: InstrumentedAttribute[int]
    places: Places
    lifetime: timedelta
    idle: timedelta
    """How long a browser may ask for nothing before it is logged out."""

    def open(self, session: Session, owner_id: int, now: datetime, address: str, browser: str) -> str:
        """Log a browser in, and return the token that only its cookie holds."""
        token = drawn()
        row = {
            "token_hash": hashed(token),
            self.owner.key: owner_id,
            "created_at": now,
            "expires_at": now + self.lifetime,
            "address": address[:45],
            "browser": browser[:200],
        }
        session.execute(insert(cast(Table, self.table.__table__)), row)
        return token

    def is_left_alone(self, cookie: Mapping[str, Any], now: datetime) -> bool:
        """Whether the browser of this signed cookie asked for nothing for too long."""
        seen = cookie.get(_SEEN)
        return not isinstance(seen, int) or now.timestamp() - seen > self.idle.total_seconds()

    def holds(self, token: str, now: datetime) -> ColumnElement[bool]:
        """Whether a row is the one of the browser that holds `token`, and still lasts."""
        return and_(self.table.token_hash == hashed(token), self.table.expires_at > now)

    def held(self) -> ColumnElement[bool]:
        """The same, for a statement written once; `named` gives the values."""
        return and_(self.table.token_hash == bindparam("token_hash"), self.table.expires_at > bindparam("now"))

    def named(self, token: str, now: datetime) -> dict[str, object]:
        """The parameters of the condition `held`."""
        return {"token_hash": hashed(token), "now": now}

    def close(self, session: Session, token: str) -> None:
        """Log one browser out."""
        session.execute(delete(self.table).where(self.table.token_hash == hashed(token)))

    def close_all(self, session: Session, owner_id: int, *, but: str | None = None) -> None:
        """Log every browser of one owner out, except the one holding the token `but`.

        Without an exception, a stranger may have come in: no place is familiar any more.
        """
        others = delete(self.table).where(self.owner == owner_id)
        if but is None:
            self.places.forget(session, owner_id)
        session.execute(others if but is None else others.where(self.table.token_hash != hashed(but)))

    def remove_expired(self, session: Session, now: datetime) -> None:
        """Remove the sessions that have expired; for the daily job."""
        session.execute(delete(self.table).where(self.table.expires_at <= now))


def stamp(cookie: MutableMapping[str, Any], now: datetime) -> None:
    """Note in the signed cookie of a browser that it asks for something, give or take some minutes.

    In the cookie: a page that only reads must not wait for whoever writes to the database.
    """
    seconds = int(now.timestamp())
    if seconds - cookie.get(_SEEN, 0) >= SECONDS_BETWEEN_STAMPS:
        cookie[_SEEN] = seconds


OF_ACCOUNTS = Browsers(
    AccountSession,
    AccountSession.account_id,
    familiar_places.OF_ACCOUNTS,
    lifetime=timedelta(hours=8),
    idle=timedelta(hours=1),
)
# Longer than a lunch: a letter half written must not be lost to it.
OF_STAFF = Browsers(
    StaffSession,
    StaffSession.staff_id,
    familiar_places.OF_STAFF,
    lifetime=timedelta(hours=10),
    idle=timedelta(hours=3),
)
