"""Treating at once every likely duplicate over a confidence that staff choose, after a dry run (R13)."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared.duplicates.fusion.fuse import fuse_groups
from shared.duplicates.fusion.proposal import Proposal, candidates, propose
from shared.duplicates.matching.clusters import groups_of
from shared.duplicates.pairs.queries import likely_duplicates
from shared.duplicates.standing.decisions import told_apart
from shared.duplicates.standing.errors import FichesChanged, TreatmentRefused
from shared.duplicates.standing.locks import lock_establishment
from shared.journal import Actor, record
from shared.models.fusions import FusionLot
from shared.models.journal import Action

_TOLD_APART = "Deux de ces fiches ont été déclarées « pas un doublon » : traitez ce groupe à la main."


class NothingToTreat(TreatmentRefused):
    """No likely duplicate is that sure, or all of those are protected."""

    def __init__(self) -> None:
        super().__init__("Aucun doublon ne peut être traité par lot à cette confiance : traitez-les un par un.")


@dataclass(frozen=True)
class LotPlan:
    """What treating a lot would do."""

    confidence: float
    fusions: Sequence[Proposal]
    refused: Sequence[Proposal]
    """Groups that are left as they are, each with its reason."""

    @property
    def absorbed(self) -> int:
        """How many fiches would be absorbed."""
        return sum(len(proposal.candidates) - 1 for proposal in self.fusions)

    @property
    def mark(self) -> str:
        """Tells whether a lot is still the one that was shown."""
        wanted = [(proposal.wanted.ids, sorted(proposal.choices.items())) for proposal in self.fusions]
        return hashlib.sha256(repr((self.confidence, wanted)).encode()).hexdigest()[:16]


def plan_lot(session: Session, establishment_id: int, confidence: float, today: date) -> LotPlan:
    """What treating every pair at or over `confidence` (0 to 1) would do; changes nothing."""
    sure = [pair for pair in likely_duplicates(session, establishment_id, limit=None) if pair.confidence >= confidence]
    guardians = {guardian.id: guardian for pair in sure for guardian in (pair.first, pair.second)}
    known = candidates(session, list(guardians.values()), today)
    groups = groups_of((pair.first.id, pair.second.id) for pair in sure)
    apart = told_apart(session, establishment_id, list(known))
    proposals = propose([[known[number] for number in group] for group in groups])
    judged = [_told_apart(proposal, apart) for proposal in proposals]
    return LotPlan(
        confidence,
        [proposal for proposal in judged if proposal.refusal is None],
        [proposal for proposal in judged if proposal.refusal is not None],
    )


def treat_lot(
    session: Session,
    establishment_id: int,
    confidence: float,
    *,
    seen: str | None = None,
    now: datetime,
    today: date,
    actor: Actor,
) -> FusionLot:
    """Fuse every group that the dry run showed; protected ones stay as they are.

    Raises:
        FichesChanged: the lot is no longer the one that `seen`, the mark of the dry run, was of.
        NothingToTreat: there is none.
    """
    lock_establishment(session, establishment_id)
    plan = plan_lot(session, establishment_id, confidence, today)
    if seen is not None and seen != plan.mark:
        raise FichesChanged
    if not plan.fusions:
        raise NothingToTreat
    lot = FusionLot(establishment_id=establishment_id, confidence=confidence, made_at=now, made_by=actor.name)
    session.add(lot)
    session.flush()
    fuse_groups(
        session, establishment_id, [proposal.wanted for proposal in plan.fusions], now=now, actor=actor, lot=lot
    )
    details = {"fusion_lot": lot.id, "count": len(plan.fusions), "refused": len(plan.refused)}
    record(session, Action.DUPLICATES_LOT, actor, now, establishment_id=establishment_id, details=details)
    session.flush()
    return lot


def _told_apart(proposal: Proposal, apart: Collection[tuple[int, int]]) -> Proposal:
    ids = set(proposal.wanted.ids)
    is_known = proposal.refusal is None and any({one, other} <= ids for one, other in apart)
    return replace(proposal, refusal=_TOLD_APART) if is_known else proposal
