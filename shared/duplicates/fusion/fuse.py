"""Fusing fiches of one person into the one kept (R13)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shared.acting.desk import Desk
from shared.duplicates.fusion.accounts import hand_over_accounts, lock_accounts, move_notifications
from shared.duplicates.fusion.proposed_accounts import let_kept_wait
from shared.duplicates.standing.decisions import refuse_told_apart
from shared.duplicates.standing.errors import FicheProtected, FichesNotFound, SeveralProtected
from shared.duplicates.standing.locks import find_guardians, lock_establishment, note_treated, refuse_unless_as_shown
from shared.duplicates.standing.protection import Protection, must_stay, protections
from shared.duplicates.standing.records import PARTS
from shared.duplicates.standing.replay import put_together, take_apart
from shared.models.fusions import FusedFiche, Fusion, FusionLot
from shared.models.journal import Action
from shared.models.school import Guardian


@dataclass(frozen=True)
class Wanted:
    """Fiches to fuse: the one kept, those absorbed, and from which fiche each part is taken (else the one kept)."""

    kept_id: int
    absorbed_ids: tuple[int, ...]
    choices: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[int, str] | None = None
    """The mark of each fiche as it was shown (`reading.marks_of`); none where nothing was."""

    @property
    def ids(self) -> tuple[int, ...]:
        """Every fiche, the one kept first."""
        return (self.kept_id, *self.absorbed_ids)

    @property
    def all_choices(self) -> dict[str, int]:
        """A fiche for each part.

        Raises:
            FichesNotFound: a part is taken from another fiche, or is none.
        """
        if not set(self.choices) <= set(PARTS) or not set(self.choices.values()) <= set(self.ids):
            raise FichesNotFound
        return {name: self.choices.get(name, self.kept_id) for name in PARTS}


def fuse_fiches(desk: Desk, wanted: Wanted) -> Fusion:
    """Make one fiche of several: students, account, notifications and history go to the one kept.

    The absorbed fiches keep their rows, their PERSONNE_ID and all that the school base says of them: the next imports
    go on updating them, and what changes there reaches the fiche kept. They are hidden everywhere a fiche is listed.

    Raises:
        FichesNotFound: one of them is another establishment's.
        TreatmentRefused: a fiche is protected, was treated or changed in between, or is known to be another person.
    """
    lock_establishment(desk.session, desk.establishment_id)
    guardians = find_guardians(desk.session, desk.establishment_id, wanted.ids)
    refuse_unless_as_shown(desk.session, guardians, wanted.seen)
    refuse_told_apart(desk.session, desk.establishment_id, guardians)
    refuse_protected(guardians, wanted.kept_id, protections(desk.session, wanted.ids, desk.today))
    return fuse_groups(desk, [wanted])[0]


def fuse_groups(desk: Desk, groups: Sequence[Wanted], *, lot: FusionLot | None = None) -> list[Fusion]:
    """Fuse several groups that have no fiche in common and that nothing speaks against, in as many queries as one.

    The caller locked the establishment and refused what must be.
    """
    ids = [number for wanted in groups for number in wanted.ids]
    if any(len(wanted.ids) < 2 or len(set(wanted.ids)) < len(wanted.ids) for wanted in groups):
        raise FichesNotFound
    apart = take_apart(desk.session, desk.establishment_id, ids)
    guardians = {one.id: one for one in find_guardians(desk.session, desk.establishment_id, ids)}
    fusions = [_new_fusion(desk, wanted, guardians[wanted.kept_id], lot) for wanted in groups]
    desk.session.add_all(fusions)
    desk.session.flush()
    accounts = lock_accounts(desk.session, guardians.values())
    kept_of: dict[int, int] = {}
    lines: list[FusedFiche] = []
    for wanted, fusion in zip(groups, fusions, strict=True):
        kept, absorbed = guardians[wanted.kept_id], [guardians[number] for number in wanted.absorbed_ids]
        lines += hand_over_accounts(desk, fusion, kept, absorbed, accounts)
        kept_of |= dict.fromkeys(wanted.absorbed_ids, wanted.kept_id)
        _note(desk, fusion, kept, absorbed)
    let_kept_wait(desk.session, fusions, guardians, kept_of)
    move_notifications(desk.session, kept_of, lines)
    desk.session.add_all(lines)
    put_together(desk.session, apart, ids)
    note_treated(desk.session, desk.establishment_id)
    return fusions


def refuse_protected(
    guardians: Collection[Guardian], kept_id: int, reasons: Mapping[int, frozenset[Protection]]
) -> None:
    """Refuse to absorb what must stay (R13). An activated account that both fiches share is not lost.

    Raises:
        FicheProtected: one must stay, and is not the one kept.
        SeveralProtected: several must stay.
    """
    kept = next(guardian for guardian in guardians if guardian.id == kept_id)
    standing = {one.id: must_stay(one, kept, reasons) for one in guardians if one is not kept}
    standing[kept.id] = reasons.get(kept.id, frozenset())
    in_the_way = [guardian for guardian in guardians if guardian.id != kept_id and standing[guardian.id]]
    if not in_the_way:
        return
    protected = [guardian for guardian in guardians if standing[guardian.id]]
    if len(protected) > 1:
        raise SeveralProtected(protected, standing)
    raise FicheProtected(protected[0], standing[protected[0].id])


def _new_fusion(desk: Desk, wanted: Wanted, kept: Guardian, lot: FusionLot | None) -> Fusion:
    return Fusion(
        establishment_id=desk.establishment_id,
        kept_id=kept.id,
        lot_id=lot.id if lot else None,
        choices=wanted.all_choices,
        kept_account_kept=kept.account_kept,
        made_at=desk.now,
        made_by=desk.actor.name,
    )


def _note(desk: Desk, fusion: Fusion, kept: Guardian, absorbed: Sequence[Guardian]) -> None:
    desk.note(
        Action.GUARDIANS_FUSED,
        account_id=kept.account_id,
        subject=kept.full_name,
        details={"fusion": fusion.id, "fiche_kept": kept.shown_key, "absorbed": [one.shown_key for one in absorbed]},
    )
