"""What the forms of « Comparer des fiches » ask for, and how what was done is told, with a button that undoes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, request, url_for

from admin_app.desk import desk
from admin_app.ui.labels import word
from admin_app.ui.pair_keys import is_number
from shared.duplicates.fusion.fuse import Wanted
from shared.duplicates.fusion.undo import undo_fusion
from shared.duplicates.standing.decisions import undo_not_a_duplicate
from shared.duplicates.standing.errors import FichesNotFound, TooFewFiches
from shared.duplicates.standing.records import PARTS
from shared.duplicates.standing.referrals import undo_referrals
from shared.models.fusions import DistinctFiches, Fusion, ReferredFiches
from shared.models.school import Guardian

FUSED, TOLD_APART, REFERRED = "fusion", "distincts", "suite"
"""The decisions, as the form that undoes them names them."""
UNDONE = {
    FUSED: "La fusion est annulée : chaque fiche est de nouveau ce que la base élèves en dit. Décidez à nouveau.",
    TOLD_APART: "« Pas un doublon » est annulé. Décidez à nouveau.",
    REFERRED: "La paire est de nouveau à traiter. Décidez à nouveau.",
}


@dataclass(frozen=True)
class Asked:
    """What a form asked for."""

    kept_id: int
    choices: Mapping[str, int]
    seen: Mapping[int, str]
    """The fiches ticked, each with the mark of what was shown."""

    @property
    def wanted(self) -> Wanted:
        """The fusion of the fiches ticked, into the one to keep.

        Raises:
            TooFewFiches: there is nothing to fuse, or the one to keep is not ticked.
        """
        absorbed = tuple(number for number in self.seen if number != self.kept_id)
        if not absorbed or self.kept_id not in self.seen:
            raise TooFewFiches
        choices = {name: number for name, number in self.choices.items() if number in self.seen}
        return Wanted(self.kept_id, absorbed, choices, self.seen)


def asked() -> Asked:
    """The fiches ticked, the one to keep, and the source of each part."""
    ticked = [value.partition("-") for value in request.form.getlist("fiche")]
    choices = {name: request.form.get(f"partie-{name}", 0, int) for name in PARTS}
    seen = {int(number): mark for number, _, mark in ticked if is_number(number)}
    return Asked(request.form.get("garde", 0, int), choices, seen)


@dataclass(frozen=True)
class Done:
    """What was decided, in words, and what the form that undoes it says."""

    kind: str
    numbers: Sequence[int]
    sentence: str


def fused(fusion: Fusion, guardians: Sequence[Guardian]) -> Done:
    """Which fiche is kept, and which were absorbed; `guardians` holds them all."""
    [kept] = [one for one in guardians if one.id == fusion.kept_id]
    absorbed = [one for one in guardians if one is not kept]
    are = "est absorbée" if len(absorbed) == 1 else "sont absorbées"
    sentence = f"Fusion n° {fusion.id} : {_named(kept)} est gardée, {_listed(absorbed)} {are}."
    return Done(FUSED, [fusion.id], sentence)


def named_apart(decisions: Sequence[DistinctFiches], guardians: Sequence[Guardian]) -> Done:
    """Who was told from whom."""
    sentence = f"Pas un doublon : {_listed(guardians)} sont des personnes différentes et ne seront plus proposées."
    return Done(TOLD_APART, [one.id for one in decisions], sentence)


def referred(decisions: Sequence[ReferredFiches], guardians: Sequence[Guardian]) -> Done:
    """Who settles the duplicate, and where it is found from now on."""
    settled = word(decisions[0].referral)
    sentence = f"{settled} : {_listed(guardians)}. La paire est dans « À suivre »."
    return Done(REFERRED, [one.id for one in decisions], sentence)


def tell(pair: tuple[int, int], done: Done) -> None:
    """Show what was decided on the next page, with the button that undoes it and comes back to the pair."""
    fields = [("quoi", done.kind), *(("numero", str(number)) for number in done.numbers)]
    address = url_for("duplicates.undo", fiche_id=pair[0], other_id=pair[1])
    flash({"sentence": done.sentence, "undo": address, "fields": fields}, "undoable")  # type: ignore[arg-type]  # a session keeps what JSON does


def undo_asked(now: datetime) -> str:
    """Undo the decision that the form names; the sentence that tells of it.

    Raises:
        FichesNotFound: the establishment has no such decision.
        TreatmentRefused: it cannot be undone, or was already.
    """
    numbers = [int(number) for number in request.form.getlist("numero") if is_number(number)]
    kind = request.form.get("quoi", "")
    if kind == FUSED and len(numbers) == 1:
        undo_fusion(desk(), numbers[0])
    elif kind == TOLD_APART:
        undo_not_a_duplicate(desk(), numbers)
    elif kind == REFERRED:
        undo_referrals(desk(), numbers)
    else:
        raise FichesNotFound
    return UNDONE[kind]


def _listed(guardians: Sequence[Guardian]) -> str:
    *others, last = map(_named, guardians)
    return f"{', '.join(others)} et {last}" if others else last


def _named(guardian: Guardian) -> str:
    return f"{guardian.last_name} {guardian.first_name} (fiche {guardian.shown_key})"
