"""Keys that sign for a while: made, published ahead, changed without break, given up at once (R35)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.models.access.openid import KeyOfPortal
from shared.models.journal import Action

PUBLISHED_AFTER = timedelta(days=1)
"""Longer than a session of the portal, whose tokens come back when it ends."""

Kind = TypeVar("Kind", bound=KeyOfPortal)


class NoKey(Exception):
    """The portal has no key to sign with: no téléservice, or no ENT, was ever registered."""


@dataclass(frozen=True)
class Rotation(Generic[Kind]):
    """The keys of one kind, and how long each signs."""

    kind: type[Kind]
    needed_by: InstrumentedAttribute[int]
    """The number of whoever checks their signatures: while there is no row of these, no key is made ahead."""
    signs_for: timedelta
    published_before: timedelta
    """How long a key is published before it signs."""
    replaced: Action
    make: Callable[[Sealer, datetime], Kind]
    """A key without the instant from which it signs."""

    def kept(self, session: Session) -> Sequence[Kind]:
        """All of them, in the order in which they sign: two or three."""
        return session.scalars(select(self.kind).order_by(self.kind.signs_from, self.kind.id)).all()

    def signing(self, session: Session, now: datetime) -> Kind:
        """The key that signs at `now`.

        Raises:
            NoKey: there is none.
        """
        found = signing_at(self.kept(session), now)
        if found is None:
            raise NoKey
        return found

    def ensure(self, session: Session, sealer: Sealer, now: datetime) -> None:
        """Make the first key, if there is none that signs."""
        if signing_at(self.kept(session), now) is None:
            self._add(session, sealer, now, signs_from=now)

    def change(self, session: Session, sealer: Sealer, now: datetime) -> None:
        """For the daily job: publish the next key when the present one is old, and forget those that nobody needs."""
        keys = self.kept(session)
        signs_from = self._next_signs_from(keys, now)
        if signs_from is not None and session.scalar(select(self.needed_by).limit(1)) is not None:
            self._add(session, sealer, now, signs_from=signs_from)
        needed = {key.id for key in published_at(keys, now)}
        gone = [key.id for key in keys if key.id not in needed]
        if gone:
            session.execute(delete(self.kind).where(self.kind.id.in_(gone)))

    def replace(self, act: Act, sealer: Sealer) -> None:
        """Sign with a new key at once: somebody may have the others, which are published no more."""
        given_up = update(self.kind).where(self.kind.retired_at.is_(None), self.kind.signs_from <= act.now)
        act.session.execute(given_up.values(retired_at=act.now).execution_options(synchronize_session="fetch"))
        act.session.execute(delete(self.kind).where(self.kind.signs_from > act.now))
        self._add(act.session, sealer, act.now, signs_from=act.now)
        act.record(self.replaced)

    def _next_signs_from(self, keys: Sequence[Kind], now: datetime) -> datetime | None:
        """When a key that is made now is to sign from; None while the last of `keys` is young enough."""
        if not keys:
            return now
        is_old = max(key.signs_from for key in keys) + self.signs_for <= now
        return now + self.published_before if is_old else None

    def _add(self, session: Session, sealer: Sealer, now: datetime, *, signs_from: datetime) -> None:
        key = self.make(sealer, now)
        key.signs_from = signs_from
        session.add(key)
        session.flush()


def signing_at(keys: Sequence[Kind], now: datetime) -> Kind | None:
    """The newest of those whose time has come. Pure."""
    usable = (key for key in reversed(keys) if key.retired_at is None and key.signs_from <= now)
    return next(usable, None)


def published_at(keys: Sequence[Kind], now: datetime) -> list[Kind]:
    """Those that anybody may check a signature with: next, present, and past until their tokens died. Pure."""
    usable = [key for key in keys if key.retired_at is None]
    following = [*(key.signs_from for key in usable[1:]), None]
    return [
        key for key, until in zip(usable, following, strict=False) if until is None or now < until + PUBLISHED_AFTER
    ]
