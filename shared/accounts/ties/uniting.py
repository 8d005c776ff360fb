"""Ties of accounts that their holder merges, and of accounts told apart again (R4, R8)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from shared.accounts.populations import GUARDIANS
from shared.accounts.ties.settling import hand_over
from shared.acting.desk import Act
from shared.database import insert_or
from shared.models.access.ties import AccountTie, MergedTie, ProposedFiche, TieState
from shared.models.accounts import AccountMerge, MergedFiche
from shared.models.school import Guardian

_WEIGHT = {TieState.PROPOSED: 0, TieState.REFUSED: 1, TieState.CONFIRMED: 2}
"""Of what was said of two accounts of one person to one establishment, the heavier counts: a question least."""


def unite_ties(act: Act, merge: AccountMerge) -> None:
    """Give the account kept by `merge` every tie of the one absorbed; to be called before its fiches move.

    Whoever merges two accounts had the password of both: what is confirmed for one is for the person.
    """
    waiting = (
        select(literal(merge.id), ProposedFiche.guardian_id, literal(True))
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(AccountTie.account_id == merge.absorbed_id, ProposedFiche.guardian_id.is_not(None))
    )
    act.session.execute(insert(MergedFiche).from_select(["merge_id", "guardian_id", "was_proposed"], waiting))
    own = {tie.establishment_id: tie for tie in _ties_of(act.session, merge.kept_id)}
    for tie in _ties_of(act.session, merge.absorbed_id):
        there = own.get(tie.establishment_id)
        if there is None:
            tie.account_id = merge.kept_id
            act.session.add(MergedTie(merge_id=merge.id, tie_id=tie.id))
        else:
            _add_up(act, merge, there, tie)
    act.session.flush()


def part_ties(session: Session, merge: AccountMerge, now: datetime) -> None:
    """Give both accounts the ties and the fiches that they had before `merge`.

    What an establishment gave the account kept meanwhile, and is none of its own without the other one's tie, is asked
    of the holder anew.
    """
    changed = select(MergedTie, AccountTie).join(AccountTie, AccountTie.id == MergedTie.tie_id)
    for before, tie in session.execute(changed.where(MergedTie.merge_id == merge.id)):
        if before.state_before is None:
            tie.account_id = merge.absorbed_id
        elif before.state_before is not tie.state:
            tie.state, tie.confirmed_by, tie.settled_at = before.state_before, None, before.settled_before
    session.flush()
    moved = select(MergedFiche.guardian_id).where(MergedFiche.merge_id == merge.id)
    held = (Guardian.id.in_(moved), Guardian.account_id == merge.kept_id)
    session.execute(
        update(Guardian).where(*held, _is_confirmed(merge.absorbed_id)).values(account_id=merge.absorbed_id),
        execution_options={"synchronize_session": "fetch"},
    )
    waited = Guardian.id.in_(moved.where(MergedFiche.was_proposed.is_(True)))
    _propose(
        session, merge.absorbed_id, waited, or_(Guardian.account_id == merge.kept_id, Guardian.account_id.is_(None))
    )
    of_kept = (Guardian.account_id == merge.kept_id, ~_is_confirmed(merge.kept_id))
    _tie(session, merge.kept_id, now, *of_kept)
    _propose(session, merge.kept_id, *of_kept)


def _is_confirmed(account_id: int) -> ColumnElement[bool]:
    """Whether the establishment of a fiche is one of those of the account."""
    tie = aliased(AccountTie)
    return exists().where(
        tie.account_id == account_id,
        tie.establishment_id == Guardian.establishment_id,
        tie.state == TieState.CONFIRMED,
    )


def _tie(session: Session, account_id: int, now: datetime, *fiches: ColumnElement[bool]) -> None:
    """Propose a tie of the account to the establishment of each of these fiches, where there is none."""
    columns = {"account_id": account_id, "state": TieState.PROPOSED, "made_at": now}
    values = [literal(value, AccountTie.__table__.c[name].type) for name, value in columns.items()]
    schools = select(Guardian.establishment_id, *values).where(*fiches).distinct()
    session.execute(
        insert_or(session, AccountTie).from_select(["establishment_id", *columns], schools).on_conflict_do_nothing()
    )


def _propose(session: Session, account_id: int, *fiches: ColumnElement[bool]) -> None:
    """Let these fiches wait for the account, which they hold no more."""
    tie = aliased(AccountTie)
    named = select(tie.id, Guardian.id).join(
        tie, and_(tie.establishment_id == Guardian.establishment_id, tie.account_id == account_id)
    )
    waiting = insert_or(session, ProposedFiche).from_select(["tie_id", "guardian_id"], named.where(*fiches))
    session.execute(
        waiting.on_conflict_do_update(index_elements=["guardian_id"], set_={"tie_id": waiting.excluded.tie_id})
    )
    session.execute(
        update(Guardian).where(*fiches).values(account_id=None), execution_options={"synchronize_session": "fetch"}
    )


def _ties_of(session: Session, account_id: int) -> Sequence[AccountTie]:
    ties = select(AccountTie).where(AccountTie.account_id == account_id).order_by(AccountTie.establishment_id)
    return session.scalars(ties.with_for_update(), execution_options={"populate_existing": True}).all()


def _add_up(act: Act, merge: AccountMerge, kept: AccountTie, absorbed: AccountTie) -> None:
    if _WEIGHT[absorbed.state] > _WEIGHT[kept.state]:
        before = MergedTie(merge_id=merge.id, tie_id=kept.id, state_before=kept.state, settled_before=kept.settled_at)
        act.session.add(before)
        kept.state, kept.confirmed_by, kept.settled_at = absorbed.state, absorbed.confirmed_by, absorbed.settled_at
    act.session.execute(update(ProposedFiche).where(ProposedFiche.tie_id == absorbed.id).values(tie_id=kept.id))
    act.session.flush()
    if kept.state is TieState.CONFIRMED:
        hand_over(act, kept.establishment_id, GUARDIANS, tie_id=kept.id)
