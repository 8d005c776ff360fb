"""Why a pair, or a group, of fiches cannot be treated as asked; every message is for staff (R13, R28)."""

from collections.abc import Mapping, Sequence

from shared.duplicates.standing.protection import Protection, reasons_in_words
from shared.models.school import Guardian


class TreatmentRefused(Exception):
    """The treatment cannot be done, and nothing was changed; the message says why, and what to do."""


class FichesNotFound(Exception):
    """The establishment has no such fiches: another establishment's look the same."""


class TooFewFiches(TreatmentRefused):
    """A treatment needs two fiches, and the one kept among them."""

    def __init__(self) -> None:
        super().__init__("Cochez au moins deux fiches, dont celle à garder.")


class AlreadyTreated(TreatmentRefused):
    """One of the fiches was absorbed, or has left the school base, or the pair was decided, in between."""

    def __init__(self) -> None:
        super().__init__("Ce doublon vient d'être traité, par vous dans un autre onglet ou par quelqu'un d'autre.")


class FichesChanged(TreatmentRefused):
    """The fiches are no longer those that were shown."""

    def __init__(self) -> None:
        super().__init__("Ces fiches ont changé depuis que la page est affichée : relisez-les, puis décidez.")


class ToldApart(TreatmentRefused):
    """Staff said before that two of the fiches are two persons."""

    def __init__(self, first: Guardian, second: Guardian) -> None:
        super().__init__(
            f"Les fiches {first.shown_key} et {second.shown_key} ont été déclarées « pas un doublon ». "
            "Annulez d'abord cette décision dans l'historique, ou traitez les autres fiches sans elles."
        )


class FicheProtected(TreatmentRefused):
    """The fiche to absorb must stay; another one may be absorbed into it."""

    def __init__(self, fiche: Guardian, reasons: frozenset[Protection]) -> None:
        super().__init__(
            f"La fiche {fiche.shown_key} ({fiche.full_name}) ne peut pas être absorbée : {reasons_in_words(reasons)}. "
            "Choisissez-la comme fiche à garder."
        )


class SeveralProtected(TreatmentRefused):
    """Several of the fiches must stay, so that none can absorb the others."""

    def __init__(self, fiches: Sequence[Guardian], reasons: Mapping[int, frozenset[Protection]]) -> None:
        named = " ; ".join(f"fiche {fiche.shown_key} : {reasons_in_words(reasons[fiche.id])}" for fiche in fiches)
        super().__init__(
            f"Ces fiches sont toutes protégées ({named}) : aucune ne peut être absorbée. Si c'est la même personne, "
            "proposez-lui de réunir elle-même ses comptes, sur le portail (« Mon compte », « Réunir mes deux comptes "
            "»), ou corrigez la base dans SIECLE ; dites ici lequel des deux, et la paire quitte la liste."
        )


class CanBeFused(TreatmentRefused):
    """One of the fiches may be absorbed: fusing them is how this duplicate is treated."""

    def __init__(self, first: Guardian, second: Guardian) -> None:
        super().__init__(
            f"Les fiches {first.shown_key} et {second.shown_key} ne sont pas toutes deux protégées : fusionnez-les, ou "
            "ne cochez que des fiches protégées."
        )


class UndoLaterFirst(TreatmentRefused):
    """A later fusion was made upon this one, and must be undone before it."""

    def __init__(self, later_ids: Sequence[int]) -> None:
        named = ", ".join(f"n° {number}" for number in later_ids)
        super().__init__(f"Une fusion plus récente repose sur celle-ci : annulez d'abord la fusion {named}.")


class AlreadyUndone(TreatmentRefused):
    """Somebody undid it before."""

    def __init__(self) -> None:
        super().__init__("Cette décision a déjà été annulée.")
