"""Treating at once every likely duplicate over a confidence that staff choose, after a dry run (R13)."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.duplicates.fusion.fuse import fuse_groups
from shared.duplicates.fusion.proposal import Proposal, candidates, propose
from shared.duplicates.matching.clusters import groups_of
from shared.duplicates.pairs.queries import Pair, likely_duplicates
from shared.duplicates.standing.decisions import told_apart
from shared.duplicates.standing.errors import FichesChanged, TreatmentRefused
from shared.duplicates.standing.locks import lock_establishment
from shared.models.fusions import FusionLot
from shared.models.journal import Action

_TOLD_APART = "Deux de ces fiches ont été déclarées « pas un doublon » : traitez ce groupe à la main."


class NothingToTreat(TreatmentRefused):
    """No likely duplicate is that sure, or all of those are protected."""

    def __init__(self) -> None:
        super().__init__("Aucun doublon ne peut être traité par lot à cette confiance : traitez-les un par un.")


class NothingTicked(TreatmentRefused):
    """Every line of the lot was excluded."""

    def __init__(self) -> None:
        super().__init__("Aucune ligne n'est cochée : cochez les fusions à faire.")


@dataclass(frozen=True)
class LotLine:
    """Fiches of one person, what a lot would do with them, and why."""

    proposal: Proposal
    pairs: Sequence[Pair]
    """The pairs at or over the confidence that tie the fiches, surest first."""

    @property
    def key(self) -> int:
        """The number of the fiche kept, which no other line holds."""
        return self.proposal.wanted.kept_id


@dataclass(frozen=True)
class LotPlan:
    """What treating a lot would do."""

    confidence: float
    fusions: Sequence[LotLine]
    refused: Sequence[LotLine]
    """Groups that are left as they are, each with its reason."""

    @property
    def absorbed(self) -> int:
        """How many fiches would be absorbed."""
        return sum(len(line.proposal.candidates) - 1 for line in self.fusions)

    @property
    def mark(self) -> str:
        """Tells whether a lot is still the one that was shown."""
        proposals = [line.proposal for line in self.fusions]
        wanted = [(proposal.wanted.ids, sorted(proposal.choices.items())) for proposal in proposals]
        return hashlib.sha256(repr((self.confidence, wanted)).encode()).hexdigest()[:16]


def plan_lot(session: Session, establishment_id: int, confidence: float, today: date) -> LotPlan:
    """What treating every pair at or over `confidence` (0 to 1) would do; changes nothing."""
    sure = [pair for pair in likely_duplicates(session, establishment_id, limit=None) if pair.confidence >= confidence]
    guardians = {guardian.id: guardian for pair in sure for guardian in (pair.first, pair.second)}
    known = candidates(session, list(guardians.values()), today)
    groups = groups_of((pair.first.id, pair.second.id) for pair in sure)
    apart = told_apart(session, establishment_id, list(known))
    proposals = propose([[known[number] for number in group] for group in groups])
    lines = _lines([_told_apart(proposal, apart) for proposal in proposals], sure)
    return LotPlan(
        confidence,
        [line for line in lines if line.proposal.refusal is None],
        [line for line in lines if line.proposal.refusal is not None],
    )


def treat_lot(
    desk: Desk, confidence: float, *, seen: str | None = None, only: Collection[int] | None = None
) -> FusionLot:
    """Fuse the groups that the dry run showed; protected ones stay as they are.

    `only` holds the keys of the lines to do; all of them when none is given.

    Raises:
        FichesChanged: the lot is no longer the one that `seen`, the mark of the dry run, was of.
        NothingToTreat: there is none.
        NothingTicked: `only` holds none of them.
    """
    lock_establishment(desk.session, desk.establishment_id)
    plan = plan_lot(desk.session, desk.establishment_id, confidence, desk.today)
    if seen is not None and seen != plan.mark:
        raise FichesChanged
    if not plan.fusions:
        raise NothingToTreat
    chosen = [line.proposal.wanted for line in plan.fusions if only is None or line.key in only]
    if not chosen:
        raise NothingTicked
    lot = FusionLot(
        establishment_id=desk.establishment_id, confidence=confidence, made_at=desk.now, made_by=desk.actor.name
    )
    desk.session.add(lot)
    desk.session.flush()
    fuse_groups(desk, chosen, lot=lot)
    excluded = len(plan.fusions) - len(chosen)
    details = {"fusion_lot": lot.id, "count": len(chosen), "refused": len(plan.refused), "excluded": excluded}
    desk.note(
        Action.DUPLICATES_LOT,
        details=details,
    )
    desk.session.flush()
    return lot


def _lines(proposals: Sequence[Proposal], sure: Sequence[Pair]) -> list[LotLine]:
    group_of = {number: place for place, one in enumerate(proposals) for number in one.wanted.ids}
    pairs: dict[int, list[Pair]] = {}
    for pair in sorted(sure, key=lambda pair: -pair.confidence):
        pairs.setdefault(group_of[pair.first.id], []).append(pair)
    return [LotLine(proposal, pairs[place]) for place, proposal in enumerate(proposals)]


def _told_apart(proposal: Proposal, apart: Collection[tuple[int, int]]) -> Proposal:
    ids = set(proposal.wanted.ids)
    is_known = proposal.refusal is None and any({one, other} <= ids for one, other in apart)
    return replace(proposal, refusal=_TOLD_APART) if is_known else proposal
