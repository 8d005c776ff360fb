"""The list of accounts to notify, as the screen shows it: one page at a time (R16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Subquery, func, select
from sqlalchemy.orm import Session

from shared.models.accounts import Account, AccountState
from shared.models.notifications import Channel, Notification
from shared.models.school import Guardian, Student
from shared.notifications.campaigns.selection import (
    Criteria,
    Key,
    after,
    before,
    chosen_accounts,
    in_order,
    require_divisions,
)
from shared.notifications.channels.registry import DELIVERED
from shared.notifications.content.addresses import mail_address, postal_lines

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
    chosen = chosen_accounts(establishment_id, criteria, today).subquery()
    wanted = (
        select(chosen, Account, Student, Guardian)
        .join(Account, Account.id == chosen.c.account_id)
        .join(Student, Student.id == chosen.c.student_id)
        .outerjoin(Guardian, Guardian.id == chosen.c.guardian_id)
        .limit(rows + 1)
    )
    found = list(session.execute(_from_place(wanted, chosen, place)))
    shown = found[:rows]
    if place.before is not None:
        shown.reverse()
    last = _last_notifications(session, establishment_id, [row.account_id for row in shown])
    lines = [_line(row, last.get(row.account_id)) for row in shown]
    return _page(lines, place, more=len(found) > rows)


def _from_place(wanted: Select[Any], chosen: Subquery, place: Place) -> Select[Any]:
    order = in_order(chosen)
    if place.before is not None:
        return wanted.where(before(chosen, place.before)).order_by(*(column.desc() for column in order))
    if place.after is not None:
        wanted = wanted.where(after(chosen, place.after))
    return wanted.order_by(*order)


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
    newest = (
        select(func.max(Notification.id))
        .where(
            Notification.account_id.in_(account_ids),
            Notification.establishment_id == establishment_id,
            Notification.delivery.in_(DELIVERED),
        )
        .group_by(Notification.account_id)
    )
    rows = session.execute(
        select(Notification.account_id, Notification.settled_at, Notification.channel).where(
            Notification.id.in_(newest)
        )
    )
    return {account_id: LastNotification(at, channel) for account_id, at, channel in rows if account_id and at}
