"""What a reminder of an account elsewhere says, read from the fiche alone, and whether it may still leave (R4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from shared.accounts.directory.holds import REASONS, child_is_held, is_held
from shared.accounts.ties.powers import Power, Role, allows
from shared.models.access.ties import AccountTie
from shared.models.notifications import Notification
from shared.models.reasons import Reason
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.persons.presence import present


@dataclass(frozen=True)
class Reminder:
    """One row, whom it is to, and why it says nothing, if so."""

    notification: Notification
    owner: Guardian | Student
    children: Sequence[tuple[str, str | None]]
    """Names and divisions of the students of the establishment."""
    refusal: Reason | None


def read_reminders(session: Session, notification_ids: Sequence[int], today: date) -> dict[int, Reminder]:
    """Those of these notifications that are reminders; one query, and one more for their children."""
    rows = session.execute(
        select(
            Notification,
            Guardian,
            Student,
            Division.code,
            AccountTie.state,
            or_(is_held(Guardian), is_held(Student)).label("is_held"),
            child_is_held(Guardian, today).label("child_is_held"),
        )
        .outerjoin(AccountTie, AccountTie.id == Notification.tie_id)
        .outerjoin(Guardian, Guardian.id == Notification.guardian_id)
        .outerjoin(Student, Student.id == Notification.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(Notification.id.in_(notification_ids), Notification.tie_id.is_not(None))
    ).all()
    children = _children(session, [row.Guardian.id for row in rows if row.Guardian], today) if rows else {}
    found = {}
    for row in rows:
        owner = row.Guardian or row.Student
        own = [(owner.full_name, row.code)] if row.Guardian is None else children.get(owner.id, [])
        found[row.Notification.id] = Reminder(row.Notification, owner, own, _refusal(row, owner))
    return found


def _refusal(row: Any, owner: Guardian | Student) -> Reason | None:  # noqa: ANN401 - one of the rows
    if owner.gone_at is not None:
        return Reason.FICHE_GONE_SINCE
    if not allows(Power.REMIND, row.state, Role.HEAD):
        return Reason.TIE_ANSWERED_SINCE
    if row.is_held and owner.hold is not None:
        return REASONS[owner.hold]
    return Reason.HELD_CHILD_DECEASED if row.child_is_held else None


def _children(session: Session, guardians: Sequence[int], today: date) -> dict[int, list[tuple[str, str | None]]]:
    found: dict[int, list[tuple[str, str | None]]] = {}
    for guardian_id, student, division in session.execute(_of_guardians(guardians, today)):
        found.setdefault(guardian_id, []).append((student.full_name, division))
    return found


def _of_guardians(guardians: Sequence[int], today: date) -> Select[int, Student, str]:
    return (
        select(Guardianship.guardian_id, Student, Division.code)
        .join(Student, Student.id == Guardianship.student_id)
        .outerjoin(Division, Division.id == Student.division_id)
        .where(
            Guardianship.guardian_id.in_(guardians),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
            present(Student, today),
        )
        .order_by(Student.birth_date, Student.id)
    )
