"""The accounts that staff choose to notify, by division, quality and state (R16)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Integer, Select, cast, func, null, or_, select
from sqlalchemy.orm import Session

from shared.accounts.populations import GUARDIANS, STUDENTS, holders
from shared.accounts.state_policy import COUNTED, NOTIFIABLE, USED
from shared.models.accounts import Account, AccountKind, AccountState
from shared.models.notifications import Notification
from shared.models.school import Division, Guardian, Guardianship, Student
from shared.notifications.campaigns.unreached import Missed, Outcome, missed_accounts
from shared.persons.presence import present
from shared.refusals import Refusal
from shared.rows.prepared import Day, Number

NO_DIVISION = ""
CRITERIA_KEPT = 32
"""Of how many the statements are kept: schools ask for the same ones again and again."""


class UnknownDivision(Refusal):
    """A division that the establishment does not have; the message says which one and what to do."""

    def __init__(self, codes: Sequence[str]) -> None:
        names = ", ".join(f"« {code} »" for code in codes)
        super().__init__(
            f"Division inconnue dans cet établissement : {names}. Vérifiez le code dans la liste des divisions."
        )


@dataclass(frozen=True)
class Criteria:
    """What staff chose; an empty set asks for everything of its kind (R16).

    `divisions` holds codes (`6A`); `account_ids`, the accounts to keep when only some are wanted (an individual
    notification has one); `unticked`, those taken out of the list by hand; `last_used_before`, a local instant that
    the last login of a used account must precede.
    """

    kind: AccountKind = AccountKind.GUARDIAN
    divisions: frozenset[str] = frozenset()
    ranks: frozenset[int] = frozenset()
    states: frozenset[AccountState] = frozenset()
    last_used_before: datetime | None = None
    account_ids: frozenset[int] = frozenset()
    unticked: frozenset[int] = frozenset()
    among: Missed | None = None
    """Only those that notifications did not reach."""
    listed_in: int | None = None
    """Only those that a campaign has a row of, whatever became of it."""

    def as_json(self) -> dict[str, Any]:
        """The criteria as a campaign remembers them."""
        return {
            "kind": self.kind.value,
            "divisions": sorted(self.divisions),
            "ranks": sorted(self.ranks),
            "states": sorted(state.value for state in self.states),
            "last_used_before": self.last_used_before.isoformat() if self.last_used_before else None,
            "account_ids": sorted(self.account_ids),
            "unticked": sorted(self.unticked),
            **({"among": asdict(self.among)} if self.among else {}),
            **({"listed_in": self.listed_in} if self.listed_in else {}),
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """The criteria that a campaign remembers; those of before 1.1, and of other kinds of campaigns, hold less."""
        used, among = kept.get("last_used_before"), kept.get("among")
        return cls(
            kind=AccountKind(kept["kind"]),
            divisions=frozenset(kept.get("divisions", ())),
            ranks=frozenset(kept.get("ranks", ())),
            states=frozenset(map(AccountState, kept.get("states", ()))),
            last_used_before=datetime.fromisoformat(used) if used else None,
            account_ids=frozenset(kept.get("account_ids", ())),
            unticked=frozenset(kept.get("unticked", ())),
            among=Missed(Outcome(among["outcome"]), among["campaign_id"]) if among else None,
            listed_in=kept.get("listed_in"),
        )


Key = tuple[str, str, int, int]
"""Where a row stands in the list: division, folded name of the student, student, account."""


def require_divisions(session: Session, establishment_id: int, criteria: Criteria) -> None:
    """Raise `UnknownDivision` unless every division of `criteria` is one of the establishment."""
    if criteria.divisions:
        known = set(session.scalars(select(Division.code).where(Division.establishment_id == establishment_id)))
        if unknown := sorted(criteria.divisions - known):
            raise UnknownDivision(unknown)


def chosen_accounts(establishment_id: Number, criteria: Criteria, today: Day) -> Select[Any]:
    """One row for each account that `criteria` selects, listed under its first child by division and name.

    Columns: `account_id`, `student_id`, `guardian_id` (none for a student's own account), `legal_rank`, `division`,
    `name_key`. Only present students and guardians of the establishment are looked at. Disabled accounts come only
    when asked for one by one, so that the screen can say why they cannot be notified; merged ones never.
    """
    place = func.row_number().over(partition_by=Account.id, order_by=_children_in_order(criteria.kind)).label("place")
    ranked = candidates(establishment_id, criteria, today, *_listed(criteria.kind), place).subquery()
    return select(ranked).where(ranked.c.place == 1)


def children_of_accounts(
    establishment_id: Number,
    criteria: Criteria,
    today: Day,
    *columns: Any,  # noqa: ANN401 - columns of the tables joined
) -> Select[Any]:
    """The same columns and `columns` of every child of these accounts, in the order of the list.

    The first row of an account is that of `chosen_accounts`.
    """
    children = candidates(establishment_id, criteria, today, *_listed(criteria.kind), *columns)
    division, name, student_id, *fiche = _children_in_order(criteria.kind)
    return children.order_by(division, name, student_id, Account.id, *fiche)


def candidates(
    establishment_id: Number,
    criteria: Criteria,
    today: Day,
    *columns: Any,  # noqa: ANN401 - columns of the tables joined
) -> Select[Any]:
    """`columns` of the accounts that `criteria` selects, a row for each child: several children make several rows."""
    conditions = [
        Student.establishment_id == establishment_id,
        present(Student, today),
        *_account_conditions(criteria),
    ]
    if criteria.divisions:
        conditions.append(Division.code.in_(criteria.divisions))
    if criteria.among:
        population = GUARDIANS if criteria.kind is AccountKind.GUARDIAN else STUDENTS
        conditions.append(Account.id.in_(missed_accounts(establishment_id, population, criteria.among, today)))
    if criteria.listed_in:
        rows = select(Notification.account_id).where(Notification.campaign_id == criteria.listed_in)
        conditions.append(Account.id.in_(rows))
    if criteria.ranks and criteria.kind is AccountKind.GUARDIAN:
        conditions.append(Guardianship.legal_rank.in_(criteria.ranks))
    listed = holders(select(*columns), criteria.kind).outerjoin(Division, Division.id == Student.division_id)
    return listed.where(*conditions)


_DIVISION = func.coalesce(Division.code, NO_DIVISION)


def _listed(kind: AccountKind) -> tuple[ColumnElement[Any], ...]:
    """The columns of `chosen_accounts`, for every child of an account."""
    guardian_id, legal_rank = (
        (Guardian.id, Guardianship.legal_rank)
        if kind is AccountKind.GUARDIAN
        else (cast(null(), Integer), cast(null(), Integer))
    )
    return (
        Account.id.label("account_id"),
        Student.id.label("student_id"),
        guardian_id.label("guardian_id"),
        legal_rank.label("legal_rank"),
        _DIVISION.label("division"),
        Student.name_key.label("name_key"),
    )


def _children_in_order(kind: AccountKind) -> tuple[Any, ...]:
    order: tuple[Any, ...] = (_DIVISION, Student.name_key, Student.id)
    if kind is AccountKind.GUARDIAN:
        # The fiche with an e-mail address first, among several of the same person.
        order = (*order, Guardian.email.is_(None), Guardian.id)
    return order


def _account_conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]]
    if criteria.account_ids:
        conditions = [Account.id.in_(criteria.account_ids), Account.state.in_(COUNTED)]
    else:
        conditions = [Account.state.in_(NOTIFIABLE)]
    conditions.append(Account.kind == criteria.kind)
    if criteria.states:
        conditions.append(Account.state.in_(criteria.states))
    if criteria.unticked:
        conditions.append(Account.id.not_in(criteria.unticked))
    if criteria.last_used_before:
        unused_since = or_(Account.last_login_at.is_(None), Account.last_login_at < criteria.last_used_before)
        conditions.append(or_(Account.state.not_in(USED), unused_since))
    return conditions


def in_order(chosen: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a subquery of `chosen_accounts`
    """The order of the list and of the printed letters: division, student, account."""
    return chosen.c.division, chosen.c.name_key, chosen.c.student_id, chosen.c.account_id
