"""Fiches that wait for an account of another establishment, when they are fused and told apart again (R4, R13)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.orm import Session

from shared.accounts.populations import GUARDIANS
from shared.accounts.ties.settling import hand_over
from shared.acting.desk import Desk
from shared.database import insert_or
from shared.models.access.ties import AccountTie, ProposedFiche, TieState
from shared.models.fusions import Fusion, SetAsideWait
from shared.models.school import Guardian


def let_kept_wait(
    session: Session, fusions: Sequence[Fusion], guardians: Mapping[int, Guardian], kept_of: Mapping[int, int]
) -> None:
    """Let the fiches kept wait for the accounts that absorbed ones wait for, when they have and await none themselves.

    `kept_of` is the fiche kept, by the absorbed one. In two statements, whatever the number of fusions.
    """
    of_kept = {fusion.kept_id: fusion.id for fusion in fusions if guardians[fusion.kept_id].account_id is None}
    awaited = (
        select(ProposedFiche.guardian_id, ProposedFiche.tie_id)
        .join(AccountTie, AccountTie.id == ProposedFiche.tie_id)
        .where(ProposedFiche.guardian_id.in_([*of_kept, *kept_of]), AccountTie.state == TieState.PROPOSED)
        .order_by(ProposedFiche.id)
    )
    found = {guardian_id: tie_id for guardian_id, tie_id in session.execute(awaited) if guardian_id is not None}
    handed: dict[int, int] = {}
    for guardian_id, tie_id in found.items():
        kept_id = kept_of.get(guardian_id)
        if kept_id in of_kept and kept_id not in found:
            handed.setdefault(kept_id, tie_id)
    if not handed:
        return
    _set_aside(session, {one: of_kept[one] for one in handed})
    row = insert_or(session, ProposedFiche)
    changed = {"tie_id": row.excluded.tie_id, "fusion_id": row.excluded.fusion_id}
    session.execute(
        row.on_conflict_do_update(index_elements=["guardian_id"], set_=changed),
        [{"guardian_id": one, "tie_id": tie_id, "fusion_id": of_kept[one]} for one, tie_id in handed.items()],
    )


def _set_aside(session: Session, fusion_of: Mapping[int, int]) -> None:
    """Keep what these fiches, by number, were refused before each waits for another account."""
    of_fusion = case(fusion_of, value=ProposedFiche.guardian_id)
    refused = select(of_fusion, ProposedFiche.guardian_id, ProposedFiche.tie_id, ProposedFiche.fusion_id)
    refused = refused.where(ProposedFiche.guardian_id.in_(fusion_of))
    columns = ["fusion_id", "guardian_id", "tie_id", "brought_by_id"]
    session.execute(insert(SetAsideWait).from_select(columns, refused))


def _bring_back(session: Session, fusion_id: int) -> None:
    """Let the fiche kept by a fusion have been refused again what it was before."""
    before = select(SetAsideWait).where(SetAsideWait.fusion_id == fusion_id)
    for refused in session.scalars(before):
        session.execute(
            update(ProposedFiche)
            .where(ProposedFiche.guardian_id == refused.guardian_id, ProposedFiche.fusion_id == fusion_id)
            .values(tie_id=refused.tie_id, fusion_id=refused.brought_by_id),
            execution_options={"synchronize_session": False},
        )
        session.delete(refused)


def let_absorbed_wait_again(desk: Desk, fusion: Fusion, kept: Guardian) -> None:
    """Take from the fiche kept what it waits for, or holds since, because of `fusion`: those absorbed have it again."""
    brought = (
        select(AccountTie.account_id)
        .join(ProposedFiche, ProposedFiche.tie_id == AccountTie.id)
        .where(ProposedFiche.fusion_id == fusion.id, AccountTie.state == TieState.CONFIRMED)
    )
    if kept.account_id is not None and kept.account_id in desk.session.scalars(brought).all():
        kept.account_id, kept.account_kept = None, fusion.kept_account_kept
    _bring_back(desk.session, fusion.id)
    desk.session.execute(delete(ProposedFiche).where(ProposedFiche.fusion_id == fusion.id))
    desk.session.flush()
    hand_over(desk, fusion.establishment_id, GUARDIANS)
