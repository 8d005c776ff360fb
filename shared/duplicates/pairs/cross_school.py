"""Persons who have accounts in several establishments of the académie, for its support to look at (R8).

A student who changes school is the same in both (R31), and the guardians entered in each are compared as fiches of one
school are: the same person may be spelt otherwise there. Nobody but the parent merges the accounts: the page only says
whom to call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from shared.accounts.state_policy import OPEN
from shared.duplicates.matching.dataset import MEN, load_fiches_anywhere
from shared.duplicates.matching.explanations import Description, described
from shared.duplicates.matching.matcher import find_duplicates
from shared.duplicates.matching.parameters import REVIEWED
from shared.models.accounts import Account, AccountKind
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.persons.elsewhere import are_one, identity_columns, one_ine_and_birth_date

PAGE = 50
_AT_ONCE = 200

_Ids = tuple[int, int]


@dataclass(frozen=True)
class Held:
    """An account, the fiche it is held by and where."""

    guardian: Guardian
    account: Account
    establishment: Establishment


@dataclass(frozen=True)
class TwoAccounts:
    """What is likely one person with two accounts, in two establishments."""

    first: Held
    second: Held
    student: Student
    """The student of whom both are guardian: as the first establishment has them."""
    likeness: Description

    @property
    def key(self) -> _Ids:
        """Where the next page begins, after this one."""
        return self.first.guardian.id, self.second.guardian.id


def accounts_in_two_schools(
    session: Session, *, after: _Ids = (0, 0), limit: int = PAGE, at_once: int = _AT_ONCE
) -> list[TwoAccounts]:
    """Two fiches that are likely one person, guardians of one student in two schools, with two accounts.

    The first fiche is that of the lower number. Read `at_once` pairs at a time until there are `limit`: most guardians
    of one student are not one person.
    """
    found: dict[_Ids, tuple[int, Description]] = {}
    while len(found) < limit:
        rows = session.execute(_candidates(after, at_once)).all()
        students = _same_students(session, [(first, second) for first, second in rows])
        alike = _alike(session, list(students))
        found |= {ids: (students[ids], alike[ids]) for ids in students if ids in alike}
        if len(rows) < at_once:
            break
        after = rows[-1][0], rows[-1][1]
    return _shown(session, dict(list(found.items())[:limit]))


def _candidates(after: _Ids, limit: int) -> Select[int, int]:
    """Guardians of what may be one student in two schools, with two accounts, man and woman left out."""
    one, other = aliased(Guardian), aliased(Guardian)
    account, other_account = aliased(Account), aliased(Account)
    student, same_student = aliased(Student), aliased(Student)
    link, other_link = aliased(Guardianship), aliased(Guardianship)
    is_man, is_other_man = (func.upper(guardian.civility).in_(MEN) for guardian in (one, other))
    return (
        select(one.id, other.id)
        .join(link, link.guardian_id == one.id)
        .join(student, student.id == link.student_id)
        .join(
            same_student,
            and_(one_ine_and_birth_date(student, same_student), same_student.establishment_id != one.establishment_id),
        )
        .join(other_link, other_link.student_id == same_student.id)
        .join(other, and_(other.id == other_link.guardian_id, other.id > one.id))
        .join(account, account.id == one.account_id)
        .join(other_account, other_account.id == other.account_id)
        .where(
            or_(one.civility.is_(None), other.civility.is_(None), is_man == is_other_man),
            one.account_id != other.account_id,
            one.gone_at.is_(None),
            other.gone_at.is_(None),
            account.kind == AccountKind.GUARDIAN,
            account.state.in_(OPEN),
            other_account.state.in_(OPEN),
            tuple_(one.id, other.id) > after,
        )
        .group_by(one.id, other.id)
        .order_by(one.id, other.id)
        .limit(limit)
    )


def _same_students(session: Session, pairs: Sequence[_Ids]) -> dict[_Ids, int]:
    """The pairs that are guardians of one student, with the student: the names tell, where INE and birth date agree."""
    link, other_link = aliased(Guardianship), aliased(Guardianship)
    student, same_student = aliased(Student), aliased(Student)
    rows = session.execute(
        select(link.guardian_id, other_link.guardian_id, *identity_columns(student), *identity_columns(same_student))
        .join(student, student.id == link.student_id)
        .join(same_student, one_ine_and_birth_date(student, same_student))
        .join(other_link, other_link.student_id == same_student.id)
        .where(tuple_(link.guardian_id, other_link.guardian_id).in_(pairs))
        .order_by(student.id.desc())
    )
    found = {(row[0], row[1]): row[2] for row in rows if are_one(row[2:])}
    return {ids: found[ids] for ids in pairs if ids in found}


def _alike(session: Session, pairs: Sequence[_Ids]) -> dict[_Ids, Description]:
    """Of these pairs, those that are likely one person: of few fiches of several schools nothing can be estimated."""
    fiches = load_fiches_anywhere(session, {number for pair in pairs for number in pair})
    found, wanted = find_duplicates(fiches, parameters=REVIEWED), set(pairs)
    return {ids: said for ids, said in described(fiches, found).items() if ids in wanted}


def _shown(session: Session, found: Mapping[_Ids, tuple[int, Description]]) -> list[TwoAccounts]:
    """In the order of `found`, in two queries."""
    held = (
        select(Guardian, Account, Establishment)
        .join(Account, Account.id == Guardian.account_id)
        .join(Establishment, Establishment.id == Guardian.establishment_id)
        .where(Guardian.id.in_({number for pair in found for number in pair}))
    )
    holders = {row.Guardian.id: Held(*row) for row in session.execute(held)}
    numbers = {student for student, _ in found.values()}
    students = {one.id: one for one in session.scalars(select(Student).where(Student.id.in_(numbers)))}
    return [
        TwoAccounts(holders[first], holders[second], students[student], said)
        for (first, second), (student, said) in found.items()
    ]
