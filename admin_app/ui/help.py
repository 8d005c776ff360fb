"""« Aide »: a page for each tab, and which tab each is about; the texts are in `templates/admin/help`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One page of help."""

    code: str
    """Its address, and the name of its template."""
    title: str
    places: Sequence[str]
    """The views that it explains, by their name in `url_for`; the first is the one that it opens."""


def _of_both(*pages: str) -> list[str]:
    return [f"{prefix}_{page}" for prefix in ("guardian", "student") for page in pages]


_OF_DUPLICATES = ("duplicates", "duplicates_by_name", "duplicate_lots", "duplicate_history", "duplicates_alert")

TOPICS = (
    Topic("rentree", "La rentrée, pas à pas", ["admin"]),
    Topic("importer", "Importer la base élèves", ["imports", "import_history", "identity_changes"]),
    Topic("doublons", "Traiter les doublons de responsables", _OF_DUPLICATES),
    Topic("services", "Ouvrir ou fermer un téléservice", ["services"]),
    Topic("message", "Écrire le message d'accueil", ["welcome"]),
    Topic("courrier", "ENT et courrier de notification", ["ent", "letters", "logo"]),
    Topic("contact", "Donner le contact de l'établissement", ["contact"]),
    Topic("sans-lettre", "Laisser les familles activer sans lettre", ["without_letter"]),
    Topic("liens", "Tenir les liens utiles", ["links"]),
    Topic("generer", "Générer les comptes", [*_of_both("generation"), "unaccompanied"]),
    Topic("notifier", "Notifier en masse", _of_both("notifying")),
    Topic("comptes", "Gérer un compte", _of_both("accounts", "account")),
    Topic("suivi", "Suivre les notifications faites", _of_both("campaigns")),
    Topic("revenus", "Noter les courriers revenus", _of_both("returned")),
    Topic("fiches", "Corriger les fiches", _of_both("corrections")),
    Topic("en-attente", "Attendre la réponse d'une famille qui a un compte ailleurs", _of_both("pending")),
    Topic("retenues", "Décider des fiches retenues", _of_both("held")),
    Topic("signalements", "Répondre à un signalement", ["wrong_children"]),
    Topic("exporter", "Exporter", _of_both("exports")),
    Topic("statistiques", "Lire les statistiques", ["statistics"]),
    Topic("journal", "Lire le journal", ["journal"]),
    Topic("imprimer", "Imprimer une page ou une liste", []),
    Topic("personnels", "Déléguer, et rendre un accès perdu", ["personnel"]),
    Topic("acces", "Mot de passe et accès", ["password", "schools", "second_factor"]),
    Topic(
        "academie",
        "Tenir les établissements de l'académie",
        ["academy_schools", "academy_staff", "academy_figures", "academy_journal"],
    ),
    Topic("assistance", "Aider une famille au téléphone", ["help_desk"]),
    Topic("rattachements", "Surveiller les rattachements", ["claims", "two_schools"]),
    Topic("liens-ent", "Tenir la liste des liens ENT", ["ent_links"]),
    Topic("catalogue", "Tenir le catalogue des téléservices", ["catalogue"]),
)
BY_CODE = {topic.code: topic for topic in TOPICS}
FIRST = TOPICS[0]
_BY_PLACE = {place: topic for topic in TOPICS for place in topic.places}


def topic_of(place: str) -> Topic:
    """The page of help about a view; the first one when none is about it."""
    return _BY_PLACE.get(place, FIRST)
