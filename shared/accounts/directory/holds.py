"""Accounts that nothing is notified to until staff decide: a remark beside a name says that somebody died, or more.

Each school holds back what its own base says; the remark itself is told to nobody but its staff.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from shared.models.holds import HoldAnswer, HoldDecision
from shared.models.reasons import Reason
from shared.models.school import Guardian, Guardianship, Hold, Student
from shared.persons.presence import present
from shared.rows.prepared import Day, Number

REASONS = {Hold.DECEASED: Reason.HELD_DECEASED, Hold.DO_NOT_WRITE: Reason.HELD_DO_NOT_WRITE}

_A_CHILD = "child"


def decision_stands(fiche: type[Guardian] | type[Student]) -> ColumnElement[bool]:
    """Whether staff decided about a fiche, upon the note that it has now."""
    owner = HoldDecision.guardian_id if fiche is Guardian else HoldDecision.student_id
    return and_(owner == fiche.id, HoldDecision.note == fiche.staff_note)


def is_held(fiche: type[Guardian] | type[Student]) -> ColumnElement[bool]:
    """Whether a fiche says not to write to the person, and staff did not decide to do it all the same."""
    lifted = exists().where(decision_stands(fiche), HoldDecision.answer == HoldAnswer.WRITE)
    return and_(fiche.hold.is_not(None), fiche.gone_at.is_(None), ~lifted)


def held_accounts(session: Session, establishment_ids: Collection[int], today: date) -> dict[tuple[int, int], Reason]:
    """Why nothing is notified to accounts of these establishments, by establishment and account. One query.

    One fiche of an account is enough, and so is a student said to have died: the letter would name the child.
    """
    found = {}
    for establishment_id, account_id, hold in session.execute(_held(establishment_ids, today)):
        # What a fiche says of the person itself comes last, and stays.
        found[establishment_id, account_id] = Reason.HELD_CHILD_DECEASED if hold == _A_CHILD else REASONS[Hold(hold)]
    return found


def held_account_ids(establishment_ids: Collection[Number], today: Day) -> Select[int]:
    """The numbers of these accounts, to be looked among."""
    return select(_held(establishment_ids, today).subquery().c.account_id)


def _held(establishment_ids: Collection[Number], today: Day) -> CompoundSelect[*tuple[Any, ...]]:
    own = [_own(fiche, establishment_ids) for fiche in (Guardian, Student)]
    return union_all(_through_a_child(establishment_ids, today), *own)


def why_held(session: Session, establishment_id: int, account_id: int, today: date) -> Reason | None:
    """Why nothing is notified to one account by an establishment; none when it may be."""
    return held_accounts(session, [establishment_id], today).get((establishment_id, account_id))


def child_is_held(guardian: Any, today: Day) -> ColumnElement[bool]:  # noqa: ANN401 - the table or an alias of it
    """Whether a present student of a guardian is said to have died: the letter would name the child."""
    # A table of its own: the query around may read students as well.
    child = aliased(Student)
    return exists().where(
        Guardianship.guardian_id == guardian.id,
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
        child.id == Guardianship.student_id,
        child.hold == Hold.DECEASED,
        is_held(child),
        present(child, today),
    )


def _own(fiche: Any, establishment_ids: Collection[Number]) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - one of two tables
    hold = func.coalesce(fiche.hold, literal("")).label("hold")
    return select(fiche.establishment_id, fiche.account_id, hold).where(
        fiche.establishment_id.in_(establishment_ids), fiche.account_id.is_not(None), is_held(fiche)
    )


def _through_a_child(establishment_ids: Collection[Number], today: Day) -> Select[*tuple[Any, ...]]:
    return (
        select(Guardian.establishment_id, Guardian.account_id, literal(_A_CHILD).label("hold"))
        .join(Guardianship, Guardianship.guardian_id == Guardian.id)
        .join(Student, Student.id == Guardianship.student_id)
        .where(
            Student.establishment_id.in_(establishment_ids),
            Student.hold == Hold.DECEASED,
            is_held(Student),
            present(Student, today),
            Guardianship.gone_at.is_(None),
            Guardianship.legal_rank.is_not(None),
            Guardian.gone_at.is_(None),
            Guardian.account_id.is_not(None),
        )
    )
