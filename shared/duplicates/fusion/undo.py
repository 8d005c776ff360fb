"""Undoing fusions, one by one or a whole lot (R13)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shared.duplicates.fusion.accounts import give_accounts_back
from shared.duplicates.pairs.announcements import note_known
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.duplicates.standing.errors import AlreadyUndone, FichesNotFound, UndoLaterFirst
from shared.duplicates.standing.locks import find_guardians, lock_establishment, note_changed
from shared.duplicates.standing.replay import put_together, take_apart
from shared.journal import Actor, record
from shared.models.fusions import FusedFiche, Fusion, FusionLot
from shared.models.journal import Action


def undo_fusion(
    session: Session, establishment_id: int, fusion_id: int, *, now: datetime, today: date, actor: Actor
) -> Fusion:
    """Tell the fiches apart again: each is what the school base says of it now, with its own account and history.

    Raises:
        FichesNotFound: the establishment has no such fusion.
        AlreadyUndone: somebody did before.
        UndoLaterFirst: a later fusion keeps or absorbs one of its fiches.
    """
    lock_establishment(session, establishment_id)
    fusion = session.get(Fusion, fusion_id, populate_existing=True)
    if fusion is None or fusion.establishment_id != establishment_id:
        raise FichesNotFound
    if fusion.undone_at is not None:
        raise AlreadyUndone
    _undo_all(session, establishment_id, [fusion], now=now, today=today, actor=actor)
    return fusion


def undo_lot(
    session: Session, establishment_id: int, lot_id: int, *, now: datetime, today: date, actor: Actor
) -> list[Fusion]:
    """Undo every fusion of a lot that still stands, the last one first; returns them.

    Raises:
        FichesNotFound: the establishment has no such lot.
        AlreadyUndone: none of it stands any more.
        UndoLaterFirst: a later fusion, not of the lot, was made upon one of them; nothing was undone.
    """
    lock_establishment(session, establishment_id)
    lot = session.get(FusionLot, lot_id)
    if lot is None or lot.establishment_id != establishment_id:
        raise FichesNotFound
    standing = select(Fusion).where(Fusion.lot_id == lot_id, Fusion.undone_at.is_(None)).order_by(Fusion.id.desc())
    fusions = session.scalars(standing, execution_options={"populate_existing": True}).all()
    if not fusions:
        raise AlreadyUndone
    _undo_all(session, establishment_id, fusions, now=now, today=today, actor=actor)
    return list(fusions)


def _undo_all(
    session: Session, establishment_id: int, fusions: Sequence[Fusion], *, now: datetime, today: date, actor: Actor
) -> None:
    lines = _lines_of(session, fusions)
    members = {fusion.kept_id for fusion in fusions} | {line.guardian_id for line in lines}
    _refuse_if_built_upon(session, fusions, members)
    apart = take_apart(session, establishment_id, members)
    guardians = {one.id: one for one in find_guardians(session, establishment_id, members)}
    for fusion in fusions:
        own = [line for line in lines if line.fusion_id == fusion.id]
        give_accounts_back(session, fusion, own, now=now, today=today, actor=actor)
        fusion.undone_at, fusion.undone_by = now, actor.name
        kept = guardians[fusion.kept_id]
        record(
            session,
            Action.GUARDIANS_FUSION_UNDONE,
            actor,
            now,
            establishment_id=establishment_id,
            account_id=kept.account_id,
            subject=kept.full_name,
            details={"fusion": fusion.id, "told_apart": [guardians[line.guardian_id].shown_key for line in own]},
        )
    put_together(session, apart)
    note_changed(session, establishment_id)
    # Those told apart again look alike as before: nobody waits for the next night to see it.
    refresh_pairs(session, establishment_id, now, members)
    note_known(session, establishment_id, members, now)


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
