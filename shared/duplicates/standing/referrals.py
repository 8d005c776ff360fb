"""Duplicates that staff cannot fuse, because both fiches must stay: settled by the parent, or in SIECLE (R13)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import combinations

from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.duplicates.standing.decisions import refuse_told_apart
from shared.duplicates.standing.errors import CanBeFused, TooFewFiches
from shared.duplicates.standing.locks import find_guardians, lock_establishment, refuse_unless_as_shown
from shared.duplicates.standing.pair_decisions import undecided_pairs, undo_decisions
from shared.duplicates.standing.protection import both_stay, protections
from shared.journal import Actor
from shared.models.fusions import Referral, ReferredFiches
from shared.models.journal import Action
from shared.models.school import Guardian


def refer_duplicates(
    desk: Desk, guardian_ids: Collection[int], referral: Referral, *, seen: Mapping[int, str] | None = None
) -> list[ReferredFiches]:
    """Take protected fiches of one person out of the list of duplicates to treat; returns what was not known before.

    Remembered across imports, like « pas un doublon ». Nothing changes in the fiches nor in their accounts.

    Raises:
        FichesNotFound: one of them is another establishment's.
        TooFewFiches: fewer than two.
        CanBeFused: two of them are not both protected, so that staff can fuse them.
        TreatmentRefused: a fiche was treated or changed in between, or is known to be another person.
    """
    lock_establishment(desk.session, desk.establishment_id)
    guardians = find_guardians(desk.session, desk.establishment_id, guardian_ids)
    if len(guardians) < 2:
        raise TooFewFiches
    refuse_unless_as_shown(desk.session, guardians, seen)
    refuse_told_apart(desk.session, desk.establishment_id, guardians)
    _refuse_unless_all_stay(desk.session, guardians, desk.today)
    fresh = undecided_pairs(desk.session, ReferredFiches, desk.establishment_id, guardians)
    referred = [_referred(first, second, referral, desk.now, desk.actor) for first, second in fresh]
    desk.session.add_all(referred)
    _note(desk, Action.DUPLICATE_REFERRED, guardians, {referral})
    desk.session.flush()
    return referred


def undo_referrals(desk: Desk, decision_ids: Collection[int]) -> None:
    """Bring referred duplicates back into the list of those to treat.

    Raises:
        FichesNotFound: the establishment has no such decision.
        AlreadyUndone: somebody undid one before.
    """
    lock_establishment(desk.session, desk.establishment_id)
    undone = undo_decisions(desk, ReferredFiches, decision_ids)
    members = {number for decision in undone for number in (decision.first_id, decision.second_id)}
    guardians = find_guardians(desk.session, desk.establishment_id, members)
    _note(desk, Action.DUPLICATE_REFERRAL_UNDONE, guardians, {one.referral for one in undone})
    desk.session.flush()


def _refuse_unless_all_stay(session: Session, guardians: Collection[Guardian], today: date) -> None:
    reasons = protections(session, [guardian.id for guardian in guardians], today)
    for first, second in combinations(guardians, 2):
        if not both_stay(first, second, reasons):
            raise CanBeFused(first, second)


def _referred(first: Guardian, second: Guardian, referral: Referral, now: datetime, actor: Actor) -> ReferredFiches:
    return ReferredFiches(
        establishment_id=first.establishment_id,
        first_id=first.id,
        second_id=second.id,
        referral=referral,
        decided_at=now,
        decided_by=actor.name,
    )


def _note(desk: Desk, action: Action, guardians: Collection[Guardian], referrals: Iterable[Referral]) -> None:
    fiches = ", ".join(f"{guardian.full_name} ({guardian.shown_key})" for guardian in guardians)
    details = {"referral": sorted(referral.value for referral in referrals)}
    desk.note(action, subject=fiches, details=details)
