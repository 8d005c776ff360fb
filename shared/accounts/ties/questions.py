"""« L'établissement X vous connaît comme responsable de … : est-ce bien vous ? »: asked of the holder, once (R4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from shared.accounts.ties.settling import A_FAMILY, TieSettled, confirm_tie, refuse_tie
from shared.accounts.trail import act_of, lock
from shared.acting.caller import Caller
from shared.acting.desk import Act
from shared.models.access.ties import AccountTie, ConfirmedBy, ProposedFiche, TieState
from shared.models.accounts import Account, AccountKind
from shared.models.school import Establishment, Guardian, Guardianship, Student
from shared.persons.presence import present
from shared.rows.prepared import TODAY, Prepared

NAME_LENGTH = 40
"""What is shown of a first name: the establishment wrote it, and may have written more."""
NAMED_CHILDREN = 6


@dataclass(frozen=True)
class Question:
    """What whoever is logged in is told of an establishment that says it knows the holder: no more than this."""

    tie_id: int
    school: str
    children: tuple[str, ...]
    """First names; none when the holder is the student."""


def questions_of(session: Session, account: Account, today: date) -> list[Question]:
    """What the holder of `account` is asked, oldest first; one query. Of children who left nothing is asked."""
    found: dict[int, tuple[str, list[str]]] = {}
    for tie_id, school, child in _asked(account).rows(session, account_id=account.id, today=today):
        found.setdefault(tie_id, (school, []))[1].append(child[:NAME_LENGTH])
    own = account.kind is AccountKind.STUDENT
    return [
        Question(tie_id, school, () if own else tuple(dict.fromkeys(children))[:NAMED_CHILDREN])
        for tie_id, (school, children) in found.items()
    ]


def is_asked(session: Session, account: Account, today: date) -> bool:
    """Whether any question waits for the holder of `account`."""
    return bool(_asked(account).rows(session, account_id=account.id, today=today))


def answer_question(caller: Caller, account: Account, tie_id: int, *, known: bool, today: date) -> Question:
    """Take the answer: the establishment becomes one of the account, or never is; returns what was asked.

    Raises:
        TieSettled: there is no such question, or it has its answer.
    """
    account = lock(caller.session, account)
    asked = next((one for one in questions_of(caller.session, account, today) if one.tie_id == tie_id), None)
    if asked is None:
        raise TieSettled
    if known:
        confirm_tie(act_of(caller, account), tie_id, ConfirmedBy.FAMILY)
    else:
        refuse_tie(Act(caller.session, A_FAMILY, caller.now), tie_id)
    return asked


def _asked(account: Account) -> Prepared:
    return _OF_STUDENT if account.kind is AccountKind.STUDENT else _OF_GUARDIAN


def _proposed(*fiche: Any) -> Select[int, str, str]:  # noqa: ANN401 - what leads from a proposed fiche to a student
    asked = (
        select(AccountTie.id, Establishment.name, Student.first_name)
        .join(Establishment, Establishment.id == AccountTie.establishment_id)
        .join(ProposedFiche, ProposedFiche.tie_id == AccountTie.id)
    )
    for table, condition in fiche:
        asked = asked.join(table, condition)
    return asked.where(
        AccountTie.account_id == bindparam("account_id"),
        AccountTie.state == TieState.PROPOSED,
        present(Student, TODAY),
    ).order_by(AccountTie.id, Student.birth_date.nulls_last(), Student.id)


_JOINS: Sequence[Any] = (
    (Guardian, Guardian.id == ProposedFiche.guardian_id),
    (Guardianship, Guardianship.guardian_id == Guardian.id),
    (Student, Student.id == Guardianship.student_id),
)
# Written once: each login asks.
_OF_GUARDIAN = Prepared(
    _proposed(*_JOINS).where(
        Guardian.account_id.is_(None),
        Guardian.gone_at.is_(None),
        Guardianship.gone_at.is_(None),
        Guardianship.legal_rank.is_not(None),
    )
)
_OF_STUDENT = Prepared(_proposed((Student, Student.id == ProposedFiche.student_id)).where(Student.account_id.is_(None)))
