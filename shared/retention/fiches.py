"""Erasing the fiches of students who left three months ago, and of guardians of nobody else (R33)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from shared.acting.desk import Act
from shared.journal import SYSTEM
from shared.models.fusions import SetAsideFiche
from shared.models.journal import Action
from shared.models.school import Guardian, Guardianship, Student, WaitingLink
from shared.retention.periods import Periods

ROWS_AT_ONCE = 1_000

_Fiche = type[Guardian] | type[Student]


def students_over(given: Periods) -> ColumnElement[bool]:
    """Whether a student left, or is in no file any more, for as long as fiches are kept."""
    return or_(Student.left_on <= given.left_by, Student.gone_at < given.left_by_instant)


def guardians_over(given: Periods) -> ColumnElement[bool]:
    """Whether a guardian is of no student but those, or gone for as long; one who never was of any only waits for them.

    A fiche that was fused into another stays as long as that one: the fusion can be undone (R13).
    """
    child, link, any_link = aliased(Student), aliased(Guardianship), aliased(Guardianship)
    recent_child = and_(
        or_(child.left_on.is_(None), child.left_on > given.left_by),
        or_(child.gone_at.is_(None), child.gone_at >= given.left_by_instant),
    )
    still_of_one = (
        exists()
        .where(link.guardian_id == Guardian.id, or_(link.gone_at.is_(None), link.gone_at >= given.left_by_instant))
        .where(child.id == link.student_id, recent_child)
    )
    fused = exists().where(SetAsideFiche.guardian_id == Guardian.id, SetAsideFiche.merged_into_id.is_not(None))
    awaited = exists().where(WaitingLink.guardian_id == Guardian.id)
    return and_(
        or_(Guardian.gone_at.is_(None), Guardian.gone_at < given.left_by_instant),
        or_(Guardian.gone_at.is_not(None), exists().where(any_link.guardian_id == Guardian.id)),
        ~still_of_one,
        ~fused,
        ~awaited,
    )


def erase_guardians(session: Session, given: Periods, now: datetime) -> int:
    """Erase some of the guardians; none when none is left. To be called until then, before `erase_students`.

    Their links tell of whom they were: once the students are erased, nothing does.
    """
    return _erase(session, Guardian, guardians_over(given), "guardians", now)


def erase_students(session: Session, given: Periods, now: datetime) -> int:
    """The same of students."""
    return _erase(session, Student, students_over(given), "students", now)


def _erase(session: Session, fiche: _Fiche, over: ColumnElement[bool], name: str, now: datetime) -> int:
    chosen = session.execute(
        select(fiche.id, fiche.establishment_id).where(over).order_by(fiche.id).limit(ROWS_AT_ONCE)
    ).all()
    if not chosen:
        return 0
    ids: Sequence[int] = [one.id for one in chosen]
    counted = (
        select(fiche.establishment_id, func.count())
        .where(fiche.id.in_(ids))
        .group_by(fiche.establishment_id)
        .order_by(fiche.establishment_id)
    )
    for establishment_id, number in session.execute(counted).all():
        # Not of whom: only that it took place.
        Act(session, SYSTEM, now).record(
            Action.RECORDS_ERASED, establishment_id=establishment_id, details={name: number}
        )
    session.execute(delete(fiche).where(fiche.id.in_(ids)), execution_options={"synchronize_session": False})
    return len(ids)
