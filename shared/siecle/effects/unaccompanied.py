"""Students present whom no legal guardian of the school base is known for: nobody gets an account for them (R32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session, selectinload

from shared.french import agreed
from shared.models.school import Guardianship, Student
from shared.persons.presence import has_legal_guardian, present
from shared.rows.paging import by_name, name_key
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Day, Number, Prepared

PAGE = 50


@dataclass(frozen=True)
class Unaccompanied:
    """One line of the list: a student, and the persons who are linked to him otherwise."""

    student: Student
    others: Sequence[str]
    """Contacts and persons in charge, by name."""

    @property
    def key(self) -> str:
        """Where the next page begins, after this line."""
        return name_key(self.student)


def count_without_legal_guardian(session: Session, establishment_id: int, today: date) -> int:
    """How many students present have no legal guardian."""
    return _counting().number(session, establishment_id=establishment_id, today=today)


@cache
def _counting() -> Prepared:
    return Prepared(select(number_without_legal_guardian(ESTABLISHMENT_ID, TODAY)))


def number_without_legal_guardian(establishment_id: Number, today: Day) -> ScalarSelect[int]:
    """The same as a column of another query."""
    return select(func.count(Student.id)).where(*without_legal_guardian(establishment_id, today)).scalar_subquery()


def students_without_legal_guardian(
    session: Session, establishment_id: int, today: date, *, after: str = "", limit: int = PAGE
) -> list[Unaccompanied]:
    """Up to `limit` of them by name, from after the key `after`; a few queries, however many there are."""
    links = selectinload(Student.guardianships).joinedload(Guardianship.guardian)
    listed = select(Student).where(*without_legal_guardian(establishment_id, today))
    listed = listed.options(links, selectinload(Student.division))
    students = session.scalars(by_name(listed, Student, limit, after=after))
    return [Unaccompanied(one, _others(one)) for one in students]


def without_legal_guardian(establishment_id: Number, today: Day) -> tuple[ColumnElement[bool], ...]:
    """Whether a student of the establishment is present and has no legal guardian."""
    return Student.establishment_id == establishment_id, present(Student, today), ~has_legal_guardian()


def said_of(count: int) -> str:
    """« 2 élèves présents sans représentant légal »."""
    return f"{count} {agreed(count, 'élève présent', 'élèves présents')} sans représentant légal"


def _others(student: Student) -> list[str]:
    there = (one.guardian for one in student.guardianships if one.gone_at is None and one.guardian.gone_at is None)
    return sorted(guardian.full_name for guardian in there)
