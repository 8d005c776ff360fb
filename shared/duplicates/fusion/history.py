"""What staff decided about duplicates, newest first, to be looked at and undone (R13, R27)."""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from shared.duplicates.standing.errors import FichesNotFound
from shared.duplicates.standing.protection import Protection, both_stay, protections
from shared.models.fusions import DistinctFiches, FusedFiche, Fusion, FusionLot, ReferredFiches, SetAsideFiche
from shared.models.school import Guardian

PAGE = 50


@dataclass(frozen=True)
class PastFusion:
    """A fusion, with its fiches."""

    fusion: Fusion
    kept: Guardian
    absorbed: Sequence[Guardian]


@dataclass(frozen=True)
class PastLot:
    """A lot, how many fusions it made, and how many of them still stand."""

    lot: FusionLot
    made: int
    standing: int


@dataclass(frozen=True)
class PastDistinction:
    """« Pas un doublon », with the two fiches."""

    decision: DistinctFiches
    first: Guardian
    second: Guardian


class ReferralProgress(enum.StrEnum):
    """What became of a duplicate that was left to the parent or to SIECLE."""

    WAITING = "waiting"
    FUSABLE = "fusable"
    """The person merged the accounts, or a grant ended: staff can fuse the fiches now."""
    SETTLED = "settled"
    """One of the fiches is there no more."""
    UNDONE = "undone"


@dataclass(frozen=True)
class PastReferral:
    """A duplicate left to the parent or to SIECLE, with the two fiches."""

    decision: ReferredFiches
    first: Guardian
    second: Guardian
    progress: ReferralProgress


def past_fusions(
    session: Session, establishment_id: int, *, before_id: int | None = None, limit: int = PAGE
) -> list[PastFusion]:
    """The fusions of an establishment, from before `before_id`, in two queries."""
    chosen = (
        select(Fusion, Guardian)
        .join(Guardian, Guardian.id == Fusion.kept_id)
        .where(Fusion.establishment_id == establishment_id)
    )
    if before_id is not None:
        chosen = chosen.where(Fusion.id < before_id)
    rows = session.execute(chosen.order_by(Fusion.id.desc()).limit(limit)).all()
    absorbed = _absorbed(session, [fusion.id for fusion, _ in rows])
    return [PastFusion(fusion, kept, absorbed.get(fusion.id, [])) for fusion, kept in rows]


def find_fusion(session: Session, establishment_id: int, fusion_id: int) -> PastFusion:
    """One fusion.

    Raises:
        FichesNotFound: the establishment has no such fusion.
    """
    found = past_fusions(session, establishment_id, before_id=fusion_id + 1, limit=1)
    if not found or found[0].fusion.id != fusion_id:
        raise FichesNotFound
    return found[0]


def past_lots(session: Session, establishment_id: int, limit: int = PAGE) -> list[PastLot]:
    """The last lots of an establishment, in one query."""
    rows = session.execute(_lots(establishment_id).order_by(FusionLot.id.desc()).limit(limit))
    return [PastLot(lot, made, standing) for lot, made, standing in rows]


def find_lot(session: Session, establishment_id: int, lot_id: int) -> PastLot:
    """One lot.

    Raises:
        FichesNotFound: the establishment has no such lot.
    """
    row = session.execute(_lots(establishment_id).where(FusionLot.id == lot_id)).one_or_none()
    if row is None:
        raise FichesNotFound
    return PastLot(*row)


def _lots(establishment_id: int) -> Select[FusionLot, int, int]:
    standing = func.count(Fusion.id) - func.count(Fusion.undone_at)
    return (
        select(FusionLot, func.count(Fusion.id), standing)
        .join(Fusion, Fusion.lot_id == FusionLot.id)
        .where(FusionLot.establishment_id == establishment_id)
        .group_by(FusionLot.id)
    )


def past_distinctions(
    session: Session, establishment_id: int, *, before_id: int | None = None, limit: int = PAGE
) -> list[PastDistinction]:
    """The fiches told apart in an establishment, from before `before_id`, in one query."""
    first, second = aliased(Guardian), aliased(Guardian)
    chosen = (
        select(DistinctFiches, first, second)
        .join(first, first.id == DistinctFiches.first_id)
        .join(second, second.id == DistinctFiches.second_id)
        .where(DistinctFiches.establishment_id == establishment_id)
    )
    if before_id is not None:
        chosen = chosen.where(DistinctFiches.id < before_id)
    rows = session.execute(chosen.order_by(DistinctFiches.id.desc()).limit(limit))
    return [PastDistinction(*row) for row in rows]


def past_referrals(
    session: Session, establishment_id: int, today: date, *, before_id: int | None = None, limit: int = PAGE
) -> list[PastReferral]:
    """The duplicates left to the parent or to SIECLE, from before `before_id`, in three queries.

    Each with the fiches that are shown today: those that absorbed the fiches it was decided of, if any did.
    """
    first, second = aliased(Guardian), aliased(Guardian)
    one, other = aliased(SetAsideFiche), aliased(SetAsideFiche)
    chosen = (
        select(ReferredFiches, first, second)
        .outerjoin(one, one.guardian_id == ReferredFiches.first_id)
        .outerjoin(other, other.guardian_id == ReferredFiches.second_id)
        .join(first, first.id == func.coalesce(one.merged_into_id, ReferredFiches.first_id))
        .join(second, second.id == func.coalesce(other.merged_into_id, ReferredFiches.second_id))
        .where(ReferredFiches.establishment_id == establishment_id)
    )
    if before_id is not None:
        chosen = chosen.where(ReferredFiches.id < before_id)
    rows = session.execute(chosen.order_by(ReferredFiches.id.desc()).limit(limit)).all()
    reasons = protections(session, {fiche.id for _, *fiches in rows for fiche in fiches}, today)
    return [
        PastReferral(decision, one, other, _progress(decision, one, other, reasons)) for decision, one, other in rows
    ]


def _progress(
    decision: ReferredFiches, first: Guardian, second: Guardian, reasons: Mapping[int, frozenset[Protection]]
) -> ReferralProgress:
    if decision.undone_at is not None:
        return ReferralProgress.UNDONE
    if first.id == second.id or first.gone_at is not None or second.gone_at is not None:
        return ReferralProgress.SETTLED
    return ReferralProgress.WAITING if both_stay(first, second, reasons) else ReferralProgress.FUSABLE


def _absorbed(session: Session, fusion_ids: Collection[int]) -> dict[int, list[Guardian]]:
    rows = session.execute(
        select(FusedFiche.fusion_id, Guardian)
        .join(Guardian, Guardian.id == FusedFiche.guardian_id)
        .where(FusedFiche.fusion_id.in_(fusion_ids))
        .order_by(Guardian.id)
    )
    absorbed: dict[int, list[Guardian]] = {}
    for fusion_id, guardian in rows:
        absorbed.setdefault(fusion_id, []).append(guardian)
    return absorbed
