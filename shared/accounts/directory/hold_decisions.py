"""Fiches whose remark says not to write: listed, and decided upon by staff, until the remark changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from shared.accounts.directory.holds import decision_stands
from shared.accounts.directory.listing import Child, children_of
from shared.accounts.populations import Fiche, Population, Register, entitled
from shared.acting.desk import Desk
from shared.database import insert_or
from shared.models.accounts import Account
from shared.models.holds import HoldAnswer, HoldDecision
from shared.models.journal import Action
from shared.models.school import Guardian
from shared.rows.paging import by_name, name_key
from shared.rows.prepared import ESTABLISHMENT_ID, TODAY, Day, Number, Prepared

PAGE = 50


class FicheNotHeld(Exception):
    """The establishment has no such fiche, or it says nothing to decide about: both look the same."""


@dataclass(frozen=True)
class HeldFiche:
    """One line of the list."""

    fiche: Fiche
    account: Account | None
    decision: HoldDecision | None
    """That of the note as it is now."""
    children: Sequence[Child]

    @property
    def key(self) -> str:
        """Where the next page begins, after this line."""
        return name_key(self.fiche)


def count_to_decide(session: Session, establishment_id: int, population: Population, today: date) -> int:
    """How many fiches nobody decided upon, of those entitled to an account."""
    return _to_decide(population).number(session, establishment_id=establishment_id, today=today)


@cache
def _to_decide(population: Population) -> Prepared:
    listed = _listed(ESTABLISHMENT_ID, population, TODAY, decided=False).with_only_columns(population.fiche.id)
    return Prepared(select(func.count()).select_from(listed.subquery()))


def held_fiches(register: Register, *, decided: bool, after: str = "", limit: int = PAGE) -> list[HeldFiche]:
    """Up to `limit` of those `decided` or still to decide, by name, from after the key `after`; two queries."""
    table: Any = register.population.fiche
    listed = _listed(register.establishment_id, register.population, register.today, decided=decided)
    rows = register.session.execute(by_name(listed, table, limit, after=after)).all()
    children = children_of(register.session, [row[0] for row in rows], register.today)
    return [HeldFiche(fiche, account, decision, children.get(fiche.id, [])) for fiche, account, decision in rows]


def find_held(session: Session, establishment_id: int, population: Population, fiche_id: int) -> Fiche:
    """The fiche, locked until the transaction ends.

    Raises:
        FicheNotHeld: there is none, it is another establishment's, or nothing in it says not to write.
    """
    table: Any = population.fiche
    of_establishment = (table.id == fiche_id, table.establishment_id == establishment_id, table.hold.is_not(None))
    fiche: Fiche | None = session.scalars(select(table).where(*of_establishment).with_for_update()).one_or_none()
    if fiche is None or fiche.staff_note is None:
        raise FicheNotHeld
    return fiche


def decide_hold(desk: Desk, population: Population, fiche_id: int, answer: HoldAnswer) -> Fiche:
    """Write to the person all the same, or not; good until the note changes, or until it is decided otherwise.

    Raises:
        FicheNotHeld: there is none, it is another establishment's, or nothing in it says not to write.
    """
    fiche = find_held(desk.session, desk.establishment_id, population, fiche_id)
    owner = HoldDecision.guardian_id if isinstance(fiche, Guardian) else HoldDecision.student_id
    decided = {"note": fiche.staff_note or "", "answer": answer, "decided_at": desk.now, "decided_by": desk.actor.name}
    desk.session.execute(
        insert_or(desk.session, HoldDecision)
        .values({"establishment_id": desk.establishment_id, owner.key: fiche.id, **decided})
        .on_conflict_do_update(index_elements=[owner], set_=decided)
    )
    desk.session.expire_all()
    desk.note(
        Action.HOLD_DECIDED,
        account_id=fiche.account_id,
        subject=fiche.full_name,
        details={"fiche": fiche.shown_key, "answer": answer.value},
    )
    return fiche


def _listed(establishment_id: Number, population: Population, today: Day, *, decided: bool) -> Select[Any]:
    fiche: Any = population.fiche
    listed = (
        select(fiche, Account, HoldDecision)
        .outerjoin(Account, Account.id == fiche.account_id)
        .outerjoin(HoldDecision, decision_stands(fiche))
    )
    has_decision: ColumnElement[bool] = HoldDecision.id.is_not(None)
    return listed.where(
        *entitled(population, establishment_id, today),
        fiche.hold.is_not(None),
        has_decision if decided else ~has_decision,
    )
