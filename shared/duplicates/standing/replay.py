"""Fiches as the school base has them, and the standing fusions made upon them, again and again (R13).

Whatever is shown of fused fiches is worked out from two things: what the last import read, and the fusions, oldest
first. Taking apart brings the first back; putting together makes the fusions upon it. An import, a fusion and its
undoing are the same three steps: take apart, change one of the two, put together. That is why nothing comes back by
itself and everything can be undone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from shared.duplicates.standing.records import COLUMNS, LINK_COLUMNS, Fiche, Link, columns_of, follow_changes, fuse
from shared.models.fusions import FusedFiche, Fusion, SetAsideFiche
from shared.models.school import Guardian, Guardianship


@dataclass(frozen=True)
class Apart:
    """Fiches of one establishment that were just taken apart, as they are then."""

    establishment_id: int
    fiches: Mapping[int, Fiche]


@dataclass(frozen=True)
class StandingFusion:
    """A fusion that nobody undid, with the fiches it absorbed."""

    fusion: Fusion
    absorbed: tuple[int, ...]

    @property
    def members(self) -> tuple[int, ...]:
        """The fiche kept, then those absorbed."""
        return (self.fusion.kept_id, *self.absorbed)


def take_apart(session: Session, establishment_id: int, guardian_ids: Collection[int] | None = None) -> Apart:
    """Bring back what the school base says of the fiches fused with these, or of all those of the establishment.

    The caller holds the establishment locked, and puts together in the same transaction.
    """
    session.flush()
    chosen = select(SetAsideFiche).where(SetAsideFiche.establishment_id == establishment_id)
    if guardian_ids is not None:
        chosen = chosen.where(_in_groups_of(guardian_ids))
    rows = session.scalars(chosen).all()
    fiches = {row.guardian_id: _fiche_set_aside(row) for row in rows}
    _write_fiches(session, fiches)
    _write_links(session, ((owner, link) for owner, fiche in fiches.items() for link in fiche.links.values()))
    session.execute(delete(SetAsideFiche).where(SetAsideFiche.guardian_id.in_(fiches)))
    _forget_what_was_read(session)
    return Apart(establishment_id, fiches)


def put_together(session: Session, apart: Apart, also: Collection[int] = ()) -> None:
    """Make the standing fusions of these fiches, and of those in `also`, upon what the school base says now.

    A part that the school base changed meanwhile in one of the fiches is taken from it from now on.
    """
    session.flush()
    ids = {*apart.fiches, *also}
    fusions = standing_fusions(session, ids)
    present = {number for fusion in fusions for number in fusion.members}
    fiches = read_fiches(session, present)
    shown = _replay(fusions, apart.fiches, fiches)
    hidden = {number: fusion.fusion.made_at for fusion in fusions for number in fusion.absorbed}
    merged_into = _last_kept(fusions)
    session.add_all(
        _set_aside(apart.establishment_id, number, fiche, merged_into.get(number)) for number, fiche in fiches.items()
    )
    kept = {number: fiche for number, fiche in shown.items() if number not in hidden}
    _write_fiches(session, kept)
    _write_links(session, ((number, link) for number, fiche in kept.items() for link in fiche.links.values()))
    _hide(session, hidden)
    session.flush()
    _forget_what_was_read(session)


def read_fiches(session: Session, guardian_ids: Collection[int]) -> dict[int, Fiche]:
    """These fiches with their links, as they are now, in two queries."""
    rows = session.scalars(
        select(Guardianship).where(Guardianship.guardian_id.in_(guardian_ids)).order_by(Guardianship.id),
        execution_options={"populate_existing": True},
    )
    links: dict[int, dict[int, Link]] = {}
    for row in rows:
        values = {column: getattr(row, column) for column in LINK_COLUMNS}
        links.setdefault(row.guardian_id, {})[row.student_id] = Link(row.id, row.student_id, values, row.gone_at)
    guardians = session.scalars(
        select(Guardian).where(Guardian.id.in_(guardian_ids)), execution_options={"populate_existing": True}
    )
    return {one.id: Fiche(columns_of(one), links.get(one.id, {}), one.gone_at) for one in guardians}


def standing_fusions(session: Session, guardian_ids: Collection[int]) -> list[StandingFusion]:
    """The fusions that nobody undid in which one of these fiches is kept or absorbed, oldest first."""
    absorbing = select(FusedFiche.fusion_id).where(FusedFiche.guardian_id.in_(guardian_ids))
    fusions = session.scalars(
        select(Fusion)
        .where(Fusion.undone_at.is_(None), or_(Fusion.kept_id.in_(guardian_ids), Fusion.id.in_(absorbing)))
        .order_by(Fusion.id)
    ).all()
    absorbed: dict[int, list[int]] = {}
    rows = select(FusedFiche.fusion_id, FusedFiche.guardian_id).where(
        FusedFiche.fusion_id.in_([fusion.id for fusion in fusions])
    )
    for fusion_id, guardian_id in session.execute(rows.order_by(FusedFiche.guardian_id)):
        absorbed.setdefault(fusion_id, []).append(guardian_id)
    return [StandingFusion(fusion, tuple(absorbed.get(fusion.id, ()))) for fusion in fusions]


def _replay(
    fusions: Iterable[StandingFusion], before: Mapping[int, Fiche], now: Mapping[int, Fiche]
) -> dict[int, Fiche]:
    """What to show of every fiche; the choices of fusions follow what changed in the school base since `before`."""
    shown_before, shown = dict(before), dict(now)
    for standing in fusions:
        fusion = standing.fusion
        choices = fusion.choices
        earlier = [(number, shown_before[number]) for number in standing.members if number in shown_before]
        if len(earlier) == len(standing.members):
            followed = follow_changes(choices, earlier, shown)
            shown_before[fusion.kept_id] = fuse(earlier, choices)
            if followed != choices:
                fusion.choices = choices = followed
        shown[fusion.kept_id] = fuse([(number, shown[number]) for number in standing.members], choices)
    return shown


def _last_kept(fusions: Iterable[StandingFusion]) -> dict[int, int]:
    """The fiche shown instead of each absorbed one, when that one was absorbed in turn."""
    directly = {number: fusion.fusion.kept_id for fusion in fusions for number in fusion.absorbed}
    finally_: dict[int, int] = {}
    for number, kept in directly.items():
        while kept in directly:
            kept = directly[kept]
        finally_[number] = kept
    return finally_


def _in_groups_of(guardian_ids: Collection[int]) -> Any:  # noqa: ANN401 - a condition on `SetAsideFiche`
    shown = func.coalesce(SetAsideFiche.merged_into_id, SetAsideFiche.guardian_id)
    heads = select(shown).where(SetAsideFiche.guardian_id.in_(guardian_ids))
    return or_(SetAsideFiche.guardian_id.in_(heads), SetAsideFiche.merged_into_id.in_(heads))


def _set_aside(establishment_id: int, number: int, fiche: Fiche, merged_into_id: int | None) -> SetAsideFiche:
    links = {
        str(link.id): {
            "student_id": link.student_id,
            "values": link.values,
            "gone_at": link.gone_at.isoformat() if link.gone_at else None,
        }
        for link in fiche.links.values()
    }
    return SetAsideFiche(
        guardian_id=number,
        establishment_id=establishment_id,
        merged_into_id=merged_into_id,
        columns=fiche.columns,
        links=links,
        gone_at=fiche.gone_at,
    )


def _fiche_set_aside(row: SetAsideFiche) -> Fiche:
    links = {}
    for number, link in row.links.items():
        gone_at = datetime.fromisoformat(link["gone_at"]) if link["gone_at"] else None
        links[link["student_id"]] = Link(int(number), link["student_id"], link["values"], gone_at)
    # Set aside by an earlier version, it may lack columns that came since.
    return Fiche(dict.fromkeys(COLUMNS) | row.columns, links, row.gone_at)


def _write_fiches(session: Session, fiches: Mapping[int, Fiche]) -> None:
    rows = [{"id": number, "gone_at": fiche.gone_at, **fiche.columns} for number, fiche in fiches.items()]
    if rows:
        session.execute(update(Guardian), rows)


def _write_links(session: Session, links: Iterable[tuple[int, Link]]) -> None:
    rows = [{"id": link.id, "guardian_id": owner, "gone_at": link.gone_at, **link.values} for owner, link in links]
    if rows:
        session.execute(update(Guardianship), rows)


def _hide(session: Session, hidden: Mapping[int, datetime]) -> None:
    rows = [{"id": number, "gone_at": instant} for number, instant in hidden.items()]
    if rows:
        session.execute(update(Guardian), rows)


def _forget_what_was_read(session: Session) -> None:
    """The statements above changed rows behind the back of the objects that the session may hold."""
    for instance in session:
        if isinstance(instance, (Guardian, Guardianship)):
            session.expire(instance)
