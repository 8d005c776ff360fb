"""The details of the events of the journal, in the words of staff."""

import re
from collections.abc import Mapping
from typing import Any

from admin_app.ui.connected_services import SHARED
from admin_app.ui.labels import LETTER_AUDIENCES, LETTERS, STAGE_CAUSES, TABS, WORDS
from shared.models.letters import LetterPart
from shared.notifications.channels.registry import CHANNELS
from shared.notifications.content.texts import type_of
from shared.notifications.words import REASONS

DETAILS = {
    "accounts": "comptes",
    "copied_at": "copie du",
    "dropped": "écartés",
    "fusion": "fusion n°",
    "fusion_lot": "lot n°",
    "fiche": "fiche",
    "fiche_kept": "fiche gardée",
    "absorbed": "fiches absorbées",
    "told_apart": "fiches rétablies",
    "refused": "laissés de côté",
    "excluded": "décochés",
    "referral": "à régler",
    "because": "à cause d'un",
    "step": "étape",
    "steps": "étapes",
    "days": "jours entre deux",
    "cause_of_step": "parce que",
    "answer": "réponse",
    "student": "élève",
    "created": "créés",
    "kept": "conservés",
    "proposed": "en attente de la famille",
    "confirmed_by": "confirmé par",
    "school": "établissement",
    **{one.code: one.words.noun.many for one in CHANNELS.values()},
    "old": "ancien identifiant",
    "by": "par",
    "files": "fichiers",
    "url": "adresse",
    "skipped": "laissés de côté",
    "students": "élèves",
    "guardians": "responsables",
    "links": "liens",
    "divisions": "divisions",
    "read": "lus",
    "updated": "modifiés",
    "gone": "partis",
    "role": "rôle",
    "tabs": "onglets",
    "until": "jusqu'au",
    "entity": "entité",
    "mandatory": "obligatoire",
    "levels": "classes",
    "count": "nombre",
    "key": "numéro de SIECLE",
    "reasons": "raisons",
    "sort": "qui",
    "passkey": "clé n°",
    "waiting": "en attente",
    "before": "d'avant le",
    "letter": "courrier",
    "reference": "référence",
    "part": "partie",
    "format": "format",
    "rows": "lignes",
    "sent_to": "envoyé à",
    "recipients": "destinataires",
    "provider": "fournisseur",
    "cause": "cause",
    "email_forgotten": "adresse oubliée",
    "factor_required": "double authentification obligatoire",
    "new_devices": "nouveaux appareils signalés",
    "service": "téléservice ou ENT",
    "shared": "données",
    "losses": "pertes acceptées",
    **{reason.value: text for reason, text in REASONS.items()},
}
VALUES = {
    "removed": "lien retiré",
    "kept": "lien gardé",
    "write": "écrire quand même",
    "do_not_write": "ne pas écrire",
    "family": "la famille",
    "departure": "la base de l'établissement précédent",
    "sender": "notre serveur",
    "full": "boîte pleine",
    "day": "du jour",
    "other": "autre",
    **{channel.value: one.words.name.lower() for channel, one in CHANNELS.items()},
    **{cause.value: text for cause, text in STAGE_CAUSES.items()},
    "passkey": "clé d'accès",
    "both": "courriel ou courrier papier",
    "academy": "académie",
    "head": "chef d'établissement",
    "delegate": "délégation",
    "help_desk": "assistance",
    "student": "élèves",
    "guardian": "responsables",
    "nobody": "personne",
    "heads": "chefs d'établissement",
    "everybody": "tous les personnels",
    "staff": "personnels qui traitent les doublons",
    "address": "une adresse",
    "parent": "par le parent, sur le portail",
    "siecle": "dans SIECLE",
    **{shared.value: text for shared, text in SHARED.items()},
    "True": "oui",
    "False": "non",
    **{tab.value: text for tab, text in TABS.items()},
    **{letter.value: f"{LETTER_AUDIENCES[type_of(letter).kind]}, {text}" for letter, text in LETTERS.items()},
    **{part.value: text for part, text in WORDS[LetterPart].items()},
}
HIDDEN_DETAILS = {"campaign", "import", "staged"}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def details_in_words(details: Mapping[str, Any]) -> str:
    """The details of an event, on one line."""
    return ", ".join(
        f"{DETAILS.get(name, name)} : {_value_in_words(value)}"
        for name, value in details.items()
        if name not in HIDDEN_DETAILS and value not in ({}, [], "", None)
    )


def _value_in_words(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({details_in_words(value)})"
    if isinstance(value, list):
        return ", ".join(map(_value_in_words, value))
    day = _DAY.fullmatch(str(value))
    return "/".join(reversed(day.groups())) if day else VALUES.get(str(value), str(value))
