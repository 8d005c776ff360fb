"""Counts of what strangers may not do too often, one row for each subject, known by its hash only (R10).

The tables are asked in few statements, each written once: every login passes here.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from sqlalchemy import Executable, Row, Table, and_, bindparam, case, delete, or_, select, update
from sqlalchemy.orm import Session

from shared.database import insert_on, insert_or
from shared.limits.policy import Count
from shared.models.accounts import LoginThrottle
from shared.rows.prepared import NOW, Prepared

_COUNTS = cast(Table, LoginThrottle.__table__)
_IS = and_(_COUNTS.c.realm == bindparam("of_realm"), _COUNTS.c.subject_hash == bindparam("of_subject"))
_WAIT = update(_COUNTS).where(_IS).values(blocked_until=bindparam("until"))
_FORGET = delete(_COUNTS).where(_IS)
_lowered = _COUNTS.c.failures - bindparam("by")
_LOWER = update(_COUNTS).where(_IS).values(failures=case((_lowered > 0, _lowered), else_=0), blocked_until=None)


@dataclass(frozen=True)
class Subject:
    """What is counted: under which limit, of whom, and for how long since the last time."""

    realm: str
    hash: str
    forgotten_after: timedelta

    @classmethod
    def of(cls, realm: str, forgotten_after: timedelta, *parts: str) -> "Subject":
        """The subject that `parts` tell apart from the others of its realm."""
        return cls(realm, hashlib.sha256("\x1f".join(parts).encode()).hexdigest(), forgotten_after)


def counts_of(session: Session, subjects: Sequence[Subject], now: datetime) -> dict[Subject, Count]:
    """What is counted of those of `subjects` that are not forgotten; reads only."""
    values = {name: value for n, one in enumerate(subjects) for name, value in _named(one, n).items()}
    rows = _seen(len(subjects)).rows(session, **values, now=now)
    by_key = {(row.realm, row.subject_hash): Count(row.failures, row.blocked_until) for row in rows}
    return {one: by_key[one.realm, one.hash] for one in subjects if (one.realm, one.hash) in by_key}


def count(session: Session, subjects: Collection[Subject], now: datetime) -> dict[Subject, Count]:
    """Count once more for each of `subjects`, but for those that wait; what it comes to.

    In one statement, which locks the rows in this order: what happens at the same time is counted one after the other.
    """
    rows = [
        {
            "realm": one.realm,
            "subject_hash": one.hash,
            "failures": 1,
            "last_failure_at": now,
            "forgotten_at": now + one.forgotten_after,
        }
        for one in subjects
    ]
    counted = session.execute(_one_more(session.get_bind().dialect.name), rows).all()
    by_key = {(row.realm, row.subject_hash): row for row in counted}
    return {one: _count(by_key[one.realm, one.hash]) for one in subjects}


def take_turn(session: Session, subject: Subject, now: datetime, until: datetime) -> None:
    """Let `subject`, of which nothing is counted, wait until `until`; somebody else there may have taken the turn."""
    row = insert_or(session, _COUNTS).values(
        realm=subject.realm,
        subject_hash=subject.hash,
        failures=0,
        last_failure_at=now,
        blocked_until=until,
        forgotten_at=now + subject.forgotten_after,
    )
    forgotten = or_(_COUNTS.c.forgotten_at.is_(None), _COUNTS.c.forgotten_at <= now)
    taken = {name: row.excluded[name] for name in ("failures", "last_failure_at", "blocked_until", "forgotten_at")}
    session.execute(row.on_conflict_do_update(index_elements=_KEY, set_=taken, where=forgotten))


def let_wait(session: Session, subject: Subject, until: datetime) -> None:
    """Look at nothing more of `subject` before `until`."""
    session.execute(_WAIT, {**_is(subject), "until": until})


def lower(session: Session, subject: Subject, by: int) -> None:
    """Count that much less for `subject`, which waits no more."""
    session.execute(_LOWER, {**_is(subject), "by": by})


def forget(session: Session, subject: Subject) -> None:
    """Count nothing any more for `subject`."""
    session.execute(_FORGET, _is(subject))


def remove_forgotten(session: Session, now: datetime) -> None:
    """Remove the counts that no longer matter; for the daily job."""
    # Rows without an end are of the version before, which forgot within an hour.
    ends = or_(LoginThrottle.forgotten_at <= now, LoginThrottle.forgotten_at.is_(None))
    session.execute(delete(LoginThrottle).where(ends, LoginThrottle.last_failure_at < now - timedelta(hours=1)))


_KEY = [_COUNTS.c.realm, _COUNTS.c.subject_hash]


@cache
def _seen(subjects: int) -> Prepared:
    ones = (
        and_(_COUNTS.c.realm == bindparam(f"realm_{n}"), _COUNTS.c.subject_hash == bindparam(f"subject_{n}"))
        for n in range(subjects)
    )
    seen = select(*_KEY, _COUNTS.c.failures, _COUNTS.c.blocked_until)
    return Prepared(seen.where(or_(*ones), _COUNTS.c.forgotten_at > NOW))


@cache
def _one_more(dialect: str) -> Executable:
    row = insert_on(dialect, _COUNTS)
    now, old = row.excluded.last_failure_at, _COUNTS.c
    waits = old.blocked_until > now
    forgotten = or_(old.forgotten_at.is_(None), old.forgotten_at <= now)
    return row.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "failures": case((waits, old.failures), (forgotten, 1), else_=old.failures + 1),
            "last_failure_at": case((waits, old.last_failure_at), else_=now),
            "forgotten_at": case((waits, old.forgotten_at), else_=row.excluded.forgotten_at),
        },
    ).returning(*_KEY, old.failures, old.blocked_until)


def _count(row: Row[str, str, int, datetime | None]) -> Count:
    return Count(row.failures, row.blocked_until)


def _is(subject: Subject) -> dict[str, object]:
    return {"of_realm": subject.realm, "of_subject": subject.hash}


def _named(subject: Subject, number: int) -> dict[str, object]:
    return {f"realm_{number}": subject.realm, f"subject_{number}": subject.hash}
