"""« Pas un doublon »: fiches that staff know to be two persons, remembered across imports (R13)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.duplicates.standing.errors import FichesNotFound, ToldApart
from shared.duplicates.standing.locks import find_guardians, lock_establishment, refuse_unless_as_shown
from shared.duplicates.standing.pair_decisions import decided_pairs, undecided_pairs, undo_decisions
from shared.journal import Actor
from shared.models.fusions import DistinctFiches
from shared.models.journal import Action
from shared.models.school import Guardian


def not_a_duplicate(
    desk: Desk, guardian_ids: Collection[int], *, seen: Mapping[int, str] | None = None
) -> list[DistinctFiches]:
    """Remember that these fiches, two or more, are as many persons; returns what was not known before.

    It is kept by the numbers of the fiches, which an import never changes, and holds for the fiches that absorb them.

    Raises:
        FichesNotFound: one of them is another establishment's.
        AlreadyTreated: one of them was absorbed or has left, or all of this was decided before.
        FichesChanged: they are no longer those that were shown.
    """
    lock_establishment(desk.session, desk.establishment_id)
    guardians = find_guardians(desk.session, desk.establishment_id, guardian_ids)
    if len(guardians) < 2:
        raise FichesNotFound
    refuse_unless_as_shown(desk.session, guardians, seen)
    fresh = undecided_pairs(desk.session, DistinctFiches, desk.establishment_id, guardians)
    decisions = [_decision(first, second, desk.now, desk.actor) for first, second in fresh]
    desk.session.add_all(decisions)
    _note(desk, Action.NOT_A_DUPLICATE, guardians)
    desk.session.flush()
    return decisions


def undo_not_a_duplicate(desk: Desk, decision_ids: Collection[int]) -> None:
    """Forget that fiches are several persons: they are shown again when they look alike.

    Raises:
        FichesNotFound: the establishment has no such decision.
        AlreadyUndone: somebody undid one before.
    """
    lock_establishment(desk.session, desk.establishment_id)
    undone = undo_decisions(desk, DistinctFiches, decision_ids)
    members = {number for decision in undone for number in (decision.first_id, decision.second_id)}
    guardians = find_guardians(desk.session, desk.establishment_id, members)
    _note(desk, Action.NOT_A_DUPLICATE_UNDONE, guardians)
    desk.session.flush()


def told_apart(session: Session, establishment_id: int, guardian_ids: Collection[int]) -> set[tuple[int, int]]:
    """The pairs of these fiches that staff said to be two persons, each in order."""
    return decided_pairs(session, DistinctFiches, establishment_id, guardian_ids)


def refuse_told_apart(session: Session, establishment_id: int, guardians: Iterable[Guardian]) -> None:
    """Refuse to fuse what staff said to be two persons.

    Raises:
        ToldApart: two of them are.
    """
    by_id = {guardian.id: guardian for guardian in guardians}
    for first, second in sorted(told_apart(session, establishment_id, list(by_id))):
        raise ToldApart(by_id[first], by_id[second])


def _decision(first: Guardian, second: Guardian, now: datetime, actor: Actor) -> DistinctFiches:
    return DistinctFiches(
        establishment_id=first.establishment_id,
        first_id=first.id,
        second_id=second.id,
        decided_at=now,
        decided_by=actor.name,
    )


def _note(desk: Desk, action: Action, guardians: Iterable[Guardian]) -> None:
    fiches = ", ".join(f"{guardian.full_name} ({guardian.shown_key})" for guardian in guardians)
    desk.note(action, subject=fiches)
