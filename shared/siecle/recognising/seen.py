"""Keys that changed hands, as staff look at them: what « Accueil » counts until somebody has seen it (R26, R31)."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, ScalarSelect, Select, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from shared.acting.desk import Desk
from shared.models.imports.identity import IdentityChange
from shared.models.journal import Action
from shared.models.school import Guardian, Guardianship, Student
from shared.rows.paging import newest
from shared.rows.prepared import Number

PAGE = 50

_BY_LENGTH = 200


class ChangeNotFound(Exception):
    """The establishment has no such change."""


def number_unseen(establishment_id: Number) -> ScalarSelect[int]:
    """How many changes of an establishment nobody has looked at, as a column of a query."""
    return select(func.count(IdentityChange.id)).where(*_unseen(establishment_id)).scalar_subquery()


def changes_of_school(
    session: Session, establishment_id: int, *, seen: bool, before_id: int | None = None, limit: int = PAGE
) -> Sequence[IdentityChange]:
    """The changes of an establishment that nobody has seen, or those seen; newest first, before `before_id`."""
    chosen = _with_fiches().where(IdentityChange.establishment_id == establishment_id)
    chosen = chosen.where(IdentityChange.seen_at.is_not(None) if seen else IdentityChange.seen_at.is_(None))
    return session.scalars(newest(chosen, IdentityChange.id, before_id, limit)).all()


def find_change(session: Session, establishment_id: int, change_id: int) -> IdentityChange:
    """One change, with both fiches and their families.

    Raises:
        ChangeNotFound: the establishment has no such change.
    """
    of_guardian = selectinload(Guardian.guardianships).joinedload(Guardianship.student)
    of_student = selectinload(Student.guardianships).joinedload(Guardianship.guardian)
    found = _with_fiches().options(
        joinedload(IdentityChange.former_guardian).options(of_guardian),
        joinedload(IdentityChange.present_guardian).options(of_guardian),
        joinedload(IdentityChange.former_student).options(of_student, joinedload(Student.division)),
        joinedload(IdentityChange.present_student).options(of_student, joinedload(Student.division)),
    )
    found = found.where(IdentityChange.id == change_id, IdentityChange.establishment_id == establishment_id)
    change = session.scalars(found).one_or_none()
    if change is None:
        raise ChangeNotFound
    return change


def note_seen(desk: Desk, change_id: int) -> None:
    """Somebody looked at a change: « Accueil » counts it no more. Looking again changes nothing.

    Raises:
        ChangeNotFound: the establishment has no such change.
    """
    change = find_change(desk.session, desk.establishment_id, change_id)
    if _see(desk, IdentityChange.id == change_id):
        desk.note(
            Action.IDENTITY_SEEN,
            account_id=change.account_id,
            subject=change.former.full_name,
            details={"key": change.siecle_id},
        )


def note_all_seen(desk: Desk, last_id: int) -> int:
    """Somebody looked at every change up to the one numbered `last_id`; how many nobody had looked at."""
    count = _see(desk, IdentityChange.id <= last_id)
    if count:
        desk.note(
            Action.IDENTITY_SEEN,
            details={"count": count},
        )
    return count


def _see(desk: Desk, chosen: ColumnElement[bool]) -> int:
    seen = update(IdentityChange).where(*_unseen(desk.establishment_id), chosen)
    result = desk.session.execute(
        seen.values(seen_at=desk.now, seen_by=desk.actor.name[:_BY_LENGTH]),
        execution_options={"synchronize_session": "fetch"},
    )
    return cast("CursorResult[Any]", result).rowcount


def _unseen(establishment_id: Number) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdentityChange.establishment_id == establishment_id, IdentityChange.seen_at.is_(None)


def _with_fiches() -> Select[IdentityChange]:
    fiches = ("former_guardian", "present_guardian", "former_student", "present_student", "account")
    return select(IdentityChange).options(*(joinedload(getattr(IdentityChange, name)) for name in fiches))
