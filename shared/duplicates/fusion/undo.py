"""Undoing fusions, one by one or a whole lot (R13)."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.duplicates.fusion.accounts import give_accounts_back
from shared.duplicates.pairs.announcements import note_known
from shared.duplicates.standing.errors import AlreadyUndone, FichesNotFound, UndoLaterFirst
from shared.duplicates.standing.locks import find_guardians, lock_establishment, note_treated
from shared.duplicates.standing.replay import put_together, take_apart
from shared.models.fusions import FusedFiche, Fusion, FusionLot
from shared.models.journal import Action
from shared.rows.ownership import RowsOfSchools

_FUSIONS = RowsOfSchools(Fusion, FichesNotFound)
_LOTS = RowsOfSchools(FusionLot, FichesNotFound)


def undo_fusion(desk: Desk, fusion_id: int) -> Fusion:
    """Tell the fiches apart again: each is what the school base says of it now, with its own account and history.

    Raises:
        FichesNotFound: the establishment has no such fusion.
        AlreadyUndone: somebody did before.
        UndoLaterFirst: a later fusion keeps or absorbs one of its fiches.
    """
    lock_establishment(desk.session, desk.establishment_id)
    fusion = _FUSIONS.find(desk.session, desk.establishment_id, fusion_id, fresh=True)
    if fusion.undone_at is not None:
        raise AlreadyUndone
    _undo_all(desk, [fusion])
    return fusion


def undo_lot(desk: Desk, lot_id: int) -> list[Fusion]:
    """Undo every fusion of a lot that still stands, the last one first; returns them.

    Raises:
        FichesNotFound: the establishment has no such lot.
        AlreadyUndone: none of it stands any more.
        UndoLaterFirst: a later fusion, not of the lot, was made upon one of them; nothing was undone.
    """
    lock_establishment(desk.session, desk.establishment_id)
    _LOTS.find(desk.session, desk.establishment_id, lot_id)
    standing = select(Fusion).where(Fusion.lot_id == lot_id, Fusion.undone_at.is_(None)).order_by(Fusion.id.desc())
    fusions = desk.session.scalars(standing, execution_options={"populate_existing": True}).all()
    if not fusions:
        raise AlreadyUndone
    _undo_all(desk, fusions)
    return list(fusions)


def _undo_all(desk: Desk, fusions: Sequence[Fusion]) -> None:
    lines = _lines_of(desk.session, fusions)
    members = {fusion.kept_id for fusion in fusions} | {line.guardian_id for line in lines}
    _refuse_if_built_upon(desk.session, fusions, members)
    apart = take_apart(desk.session, desk.establishment_id, members)
    guardians = {one.id: one for one in find_guardians(desk.session, desk.establishment_id, members)}
    for fusion in fusions:
        own = [line for line in lines if line.fusion_id == fusion.id]
        give_accounts_back(desk, fusion, own)
        fusion.undone_at, fusion.undone_by = desk.now, desk.actor.name
        kept = guardians[fusion.kept_id]
        desk.note(
            Action.GUARDIANS_FUSION_UNDONE,
            account_id=kept.account_id,
            subject=kept.full_name,
            details={"fusion": fusion.id, "told_apart": [guardians[line.guardian_id].shown_key for line in own]},
        )
    put_together(desk.session, apart)
    note_treated(desk.session, desk.establishment_id)
    # Loaded by whoever undoes: what compares fiches takes as much memory as all the pages.
    from shared.duplicates.pairs.refresh import refresh_pairs

    # Those told apart again look alike as before: nobody waits for the next night to see it.
    refresh_pairs(desk.session, desk.establishment_id, desk.now, members)
    note_known(desk.session, desk.establishment_id, members, desk.now)


def _lines_of(session: Session, fusions: Sequence[Fusion]) -> list[FusedFiche]:
    numbers = [fusion.id for fusion in fusions]
    # Backwards, so that an account handed over twice goes back the way it came.
    lines = select(FusedFiche).where(FusedFiche.fusion_id.in_(numbers)).order_by(FusedFiche.guardian_id.desc())
    return list(session.scalars(lines, execution_options={"populate_existing": True}))


def _refuse_if_built_upon(session: Session, fusions: Sequence[Fusion], members: Collection[int]) -> None:
    absorbing = select(FusedFiche.fusion_id).where(FusedFiche.guardian_id.in_(members))
    first = min(fusion.id for fusion in fusions)
    later = session.scalars(
        select(Fusion.id)
        .where(
            Fusion.undone_at.is_(None),
            Fusion.id > first,
            Fusion.id.not_in([fusion.id for fusion in fusions]),
            or_(Fusion.kept_id.in_(members), Fusion.id.in_(absorbing)),
        )
        .order_by(Fusion.id.desc())
    ).all()
    if later:
        raise UndoLaterFirst(later)
