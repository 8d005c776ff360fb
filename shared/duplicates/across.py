"""Persons who have accounts in several establishments of the académie, for its support to look at (R8).

Nobody but the parent merges them: the page only says whom to call.
"""

from dataclasses import dataclass

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.school import Establishment, Guardian, Guardianship, Student

PAGE = 50


@dataclass(frozen=True)
class Held:
    """An account, the fiche it is held by and where."""

    guardian: Guardian
    account: Account
    establishment: Establishment


@dataclass(frozen=True)
class TwoAccounts:
    """What is likely one person with two accounts: the same student, the same name, in two establishments."""

    first: Held
    second: Held
    student: Student
    """The student, by INE, of whom both are guardian: as the first establishment has them."""

    @property
    def key(self) -> tuple[int, int]:
        """Where the next page begins, after this one."""
        return self.first.guardian.id, self.second.guardian.id


def accounts_in_two_schools(
    session: Session, *, after: tuple[int, int] = (0, 0), limit: int = PAGE
) -> list[TwoAccounts]:
    """Two fiches of the same name, guardians of a student with one INE, in two schools, with two accounts.

    The first fiche is that of the lower number. One query.
    """
    pairs = _pairs(after, limit).subquery()
    one, other = aliased(Guardian), aliased(Guardian)
    account, other_account = aliased(Account), aliased(Account)
    school, other_school = aliased(Establishment), aliased(Establishment)
    rows = session.execute(
        select(one, account, school, other, other_account, other_school, Student)
        .join(pairs, pairs.c.first_id == one.id)
        .join(other, other.id == pairs.c.second_id)
        .join(Student, Student.id == pairs.c.student_id)
        .join(account, account.id == one.account_id)
        .join(other_account, other_account.id == other.account_id)
        .join(school, school.id == one.establishment_id)
        .join(other_school, other_school.id == other.establishment_id)
        .order_by(one.id, other.id)
    )
    return [TwoAccounts(Held(*row[:3]), Held(*row[3:6]), row[6]) for row in rows]


def _pairs(after: tuple[int, int], limit: int) -> Select[int, int, int]:
    one, other = aliased(Guardian), aliased(Guardian)
    account, other_account = aliased(Account), aliased(Account)
    student, same_student = aliased(Student), aliased(Student)
    link, other_link = aliased(Guardianship), aliased(Guardianship)
    same_name = other.name_key.in_([one.name_key, one.birth_name_key]) | (other.birth_name_key == one.name_key)
    closed = (AccountState.MERGED, AccountState.DISABLED)
    return (
        select(one.id.label("first_id"), other.id.label("second_id"), func.min(student.id).label("student_id"))
        .join(link, link.guardian_id == one.id)
        .join(student, student.id == link.student_id)
        .join(same_student, (same_student.ine == student.ine) & (same_student.establishment_id != one.establishment_id))
        .join(other_link, other_link.student_id == same_student.id)
        .join(other, (other.id == other_link.guardian_id) & (other.id > one.id))
        .join(account, account.id == one.account_id)
        .join(other_account, other_account.id == other.account_id)
        .where(
            same_name,
            one.account_id != other.account_id,
            one.gone_at.is_(None),
            other.gone_at.is_(None),
            account.kind == AccountKind.GUARDIAN,
            account.state.not_in(closed),
            other_account.state.not_in(closed),
            tuple_(one.id, other.id) > after,
        )
        .group_by(one.id, other.id)
        .order_by(one.id, other.id)
        .limit(limit)
    )
