"""The list of accounts to notify, as the screen shows it: one page at a time (R16)."""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, String, Subquery, bindparam, func, null, select, tuple_
from sqlalchemy.orm import Session, load_only
from sqlalchemy.sql.base import ExecutableOption

from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Channel, Notification
from shared.models.school import Guardian, Student
from shared.notifications.campaigns.selection import (
    CRITERIA_KEPT,
    Criteria,
    Key,
    children_of_accounts,
    chosen_accounts,
    in_order,
    require_divisions,
)
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.content.addresses import Addressed, mail_address, postal_lines
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Prepared

PAGE_ROWS = 50


@dataclass(frozen=True)
class LastNotification:
    """When an account was last notified by this establishment, and how."""

    at: datetime
    channel: Channel


@dataclass(frozen=True)
class Line:
    """One account of the list.

    `account_kept` is shown in red: « compte conservé de l'établissement précédent » (R4).
    """

    key: Key
    account_id: int
    identifier: str
    state: AccountState
    division: str
    student: Student
    guardian: Guardian | None
    legal_rank: int | None
    address: list[str]
    email: str | None
    account_kept: bool
    last: LastNotification | None


@dataclass(frozen=True)
class Page:
    """Some lines, and the key to ask for the next ones with; none after the last."""

    lines: list[Line]
    next_key: Key | None
    previous_key: Key | None = None
    """The key to ask for the lines before with; none on the first page."""


@dataclass(frozen=True)
class Place:
    """Beside which key a page begins; at the start of the list without any."""

    after: Key | None = None
    before: Key | None = None


START = Place()


def page_to_notify(
    session: Session,
    establishment_id: int,
    criteria: Criteria,
    today: date,
    place: Place = START,
    *,
    rows: int = PAGE_ROWS,
) -> Page:
    """At most `rows` accounts that `criteria` selects, sorted by division then student, from `place` on.

    Raises:
        UnknownDivision: a division of the criteria is not one of the establishment.
    """
    require_divisions(session, establishment_id, criteria)
    way = _Way.BACK if place.before is not None else _Way.START if place.after is None else _Way.ON
    told = dict(zip(_KEY, place.before or place.after or (), strict=False))
    told = {"establishment_id": establishment_id, "today": today, **told}
    found = _beginning(session, criteria, rows + 1, told) if way is _Way.START else None
    if found is None:
        found = _listing(criteria, way, rows + 1).rows(session, **told)
    shown = found[:rows]
    if place.before is not None:
        shown.reverse()
    last = _last_notifications(session, establishment_id, [row.account_id for row in shown])
    lines = [_line(row, last.get(row.account_id)) for row in shown]
    return _page(lines, place, more=len(found) > rows)


class _Way(enum.Enum):
    """Where a page lies."""

    START = enum.auto()
    """At the beginning."""
    ON = enum.auto()
    """After a key."""
    BACK = enum.auto()
    """Before one, from the last row to the first."""


_KEY: dict[str, type[String] | type[Integer]] = {
    "key_division": String,
    "key_name": String,
    "key_student": Integer,
    "key_account": Integer,
}
"""The parts of a key, as they are told when the statement runs."""


_NAMES = ("first_name", "usage_name", "family_name", "staff_note")
_HOLDER = (*_NAMES, "email", "account_kept", *Addressed.__annotations__)


def _only(of: type[Account] | type[Student] | type[Guardian], names: Iterable[str]) -> ExecutableOption:
    return load_only(*(getattr(of, name) for name in names), raiseload=True)


_ACCOUNT = _only(Account, ("identifier", "state", "email", "email_verified_at"))
_SHOWN: dict[AccountKind, tuple[ExecutableOption, ...]] = {
    AccountKind.GUARDIAN: (_ACCOUNT, _only(Student, _NAMES), _only(Guardian, _HOLDER)),
    AccountKind.STUDENT: (_ACCOUNT, _only(Student, _HOLDER)),
}
"""What a line says of each: the others of their hundred columns are not read."""


def _beginning(session: Session, criteria: Criteria, rows: int, told: dict[str, Any]) -> list[Row[Any]] | None:
    """The first lines of the list; none where brothers and sisters of one division take more room than they do.

    Which child of an account comes first is seen as they come: to number the children of a whole school takes most of
    the time of a page.
    """
    looked_at = rows + rows // 4
    children = _children(criteria, looked_at).rows(session, **told)
    lines: dict[int, Row[Any]] = {}
    for row in children:
        lines.setdefault(row.account_id, row)
    if len(lines) < rows and len(children) == looked_at:
        return None
    return list(lines.values())[:rows]


@lru_cache(CRITERIA_KEPT)
def _children(criteria: Criteria, rows: int) -> Prepared:
    guardian = Guardian if criteria.kind is AccountKind.GUARDIAN else null().label("Guardian")
    children = children_of_accounts(ESTABLISHMENT_ID, criteria, TODAY, Account, Student, guardian)
    return Prepared(children.limit(rows).options(*_SHOWN[criteria.kind]))


@lru_cache(CRITERIA_KEPT)
def _listing(criteria: Criteria, way: _Way, rows: int) -> Prepared:
    chosen = chosen_accounts(ESTABLISHMENT_ID, criteria, TODAY).subquery()
    # The page first: SQLite would look up the persons of all the others, too, before it sorts.
    page = _going(way, select(chosen), chosen).where(*_beyond(way, chosen)).limit(rows).subquery()
    wanted = (
        select(page, Account, Student, Guardian)
        .join(Account, Account.id == page.c.account_id)
        .join(Student, Student.id == page.c.student_id)
        .outerjoin(Guardian, Guardian.id == page.c.guardian_id)
    )
    return Prepared(_going(way, wanted, page).options(*_SHOWN[criteria.kind]))


def _going(way: _Way, wanted: Select[Any], listed: Subquery) -> Select[Any]:
    order = in_order(listed)
    return wanted.order_by(*(column.desc() for column in order) if way is _Way.BACK else order)


def _beyond(way: _Way, chosen: Subquery) -> Iterator[ColumnElement[bool]]:
    place, key = tuple_(*in_order(chosen)), tuple_(*(bindparam(name, type_=kind()) for name, kind in _KEY.items()))
    if way is _Way.ON:
        yield place > key
    if way is _Way.BACK:
        yield place < key


def _page(lines: list[Line], place: Place, *, more: bool) -> Page:
    backwards = place.before is not None
    has_next, has_previous = (True, more) if backwards else (more, place.after is not None)
    return Page(
        lines,
        next_key=lines[-1].key if lines and has_next else None,
        previous_key=lines[0].key if lines and has_previous else None,
    )


def _line(row: Row[Any], last: LastNotification | None) -> Line:
    account: Account = row.Account
    owner: Guardian | Student = row.Guardian or row.Student
    return Line(
        key=(row.division, row.name_key, row.student_id, row.account_id),
        account_id=account.id,
        identifier=account.identifier,
        state=account.state,
        division=row.division,
        student=row.Student,
        guardian=row.Guardian,
        legal_rank=row.legal_rank,
        address=postal_lines(owner),
        email=mail_address(account.email, account.email_verified_at, owner.email),
        account_kept=owner.account_kept,
        last=last,
    )


def _last_notifications(
    session: Session, establishment_id: int, account_ids: Sequence[int]
) -> dict[int, LastNotification]:
    rows = _newest().rows(session, establishment_id=establishment_id, account_ids=account_ids)
    return {account_id: LastNotification(at, channel) for account_id, at, channel in rows if account_id and at}


@cache
def _newest() -> Prepared:
    newest = (
        select(func.max(Notification.id))
        .where(
            Notification.account_id.in_(bindparam("account_ids", expanding=True)),
            Notification.establishment_id == ESTABLISHMENT_ID,
            Notification.delivery.in_(DELIVERED),
        )
        .group_by(Notification.account_id)
    )
    told = select(Notification.account_id, Notification.settled_at, Notification.channel)
    return Prepared(told.where(Notification.id.in_(newest)))
