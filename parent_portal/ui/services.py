"""The téléservices in the words of families: what each is called, and what it may be given."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from shared.languages import to_translate
from shared.models.access.openid import Shared

DATA = {
    Shared.NAMES: _l("votre nom et votre prénom"),
    Shared.EMAIL: _l("votre adresse e-mail"),
    Shared.CHILDREN: _l("le prénom, l'établissement et la classe de chaque enfant"),
    Shared.INE: _l("l'identifiant national (INE) de chaque enfant"),
}
TOLD_TO_ENTS = {
    Shared.NAMES: DATA[Shared.NAMES],
    Shared.CHILDREN: _l("le numéro d'élève et l'établissement de chaque enfant"),
}
"""The same of an ENT."""

KNOWN = frozenset(
    (
        to_translate("Bourse de collège"),
        to_translate("Demander une bourse pour un collégien."),
        to_translate("Bourse de lycée"),
        to_translate("Demander une bourse pour un lycéen."),
        to_translate("Inscription en ligne au lycée"),
        to_translate("Inscrire votre enfant au lycée."),
        to_translate("Fiche de renseignements"),
        to_translate("Vérifier et corriger vos coordonnées."),
        to_translate("Orientation"),
        to_translate("Donner vos vœux d'orientation."),
        to_translate("Affectation après la 3e"),
        to_translate("Suivre les vœux et l'affectation après la 3e."),
        to_translate("Livret scolaire"),
        to_translate("Lire les bilans de votre enfant."),
        to_translate("Consultation des notes"),
        to_translate("Voir les notes de votre enfant."),
        to_translate("Absences et vie scolaire"),
        to_translate("Voir les absences et les retards."),
        to_translate("Cahier de textes"),
        to_translate("Voir les devoirs à faire."),
        to_translate("Paiement des factures"),
        to_translate("Payer la cantine et les autres factures."),
    )
)
"""What the catalogue of téléservices says at first (`DEFAULT_CATALOGUE`); what an académie writes there is French."""


def in_language_of_page(words: str) -> str | None:
    """What the catalogue says of a téléservice, in the language of the page; none where it is said in French alone."""
    translated = gettext(words) if words in KNOWN else words
    return None if translated == words else translated
