"""What the code calls things, in the words of staff."""

import enum
from collections.abc import Mapping
from typing import Any

from shared.models.accounts import AccountState
from shared.models.notifications import Channel, DeliveryState, Mode
from shared.models.school import ImportState, NameFlag
from shared.models.staff import StaffRoleKind
from shared.models.teleservices import LetterType

STATES = {
    AccountState.NOT_NOTIFIED: "Non notifié",
    AccountState.NOTIFIED: "Notifié",
    AccountState.ACTIVATING: "En cours d'activation",
    AccountState.ACTIVE: "Utilisé",
    AccountState.MERGED: "Fusionné",
    AccountState.DISABLED: "Désactivé",
}
MODES = {
    Mode.BOTH: "Courriel, et document papier pour qui n'a pas d'adresse électronique",
    Mode.MAIL: "Courrier électronique seulement",
    Mode.PAPER: "Document papier seulement",
}
# By type first: members of different types may have the same value, and then compare equal.
WORDS: dict[type[enum.StrEnum], Mapping[Any, str]] = {
    AccountState: STATES,
    Mode: MODES,
    Channel: {Channel.MAIL: "Courriel", Channel.PAPER: "Courrier papier"},
    DeliveryState: {
        DeliveryState.TO_SEND: "En attente",
        DeliveryState.SENDING: "En cours",
        DeliveryState.TO_RETRY: "Nouvel essai prévu",
        DeliveryState.SENT: "Envoyé",
        DeliveryState.PRINTED: "Imprimé",
        DeliveryState.REFUSED: "Échec",
        DeliveryState.SKIPPED: "Rien n'est parti",
    },
    NameFlag: {
        NameFlag.COMMENT: "Le nom contient un commentaire entre parenthèses : corrigez-le dans la base élèves.",
        NameFlag.LOST_CHARACTER: "Une lettre du nom a été perdue (« ? ») : corrigez-le dans la base élèves.",
        NameFlag.DIGITS: "Le nom contient un chiffre : corrigez-le dans la base élèves.",
        NameFlag.NO_FIRST_NAME: "Le prénom manque : complétez-le dans la base élèves.",
    },
    ImportState: {
        ImportState.UPLOADED: "En attente de vérification",
        ImportState.CHECKING: "Vérification en cours",
        ImportState.CHECKED: "À confirmer",
        ImportState.CONFIRMED: "En attente d'import",
        ImportState.IMPORTING: "Import en cours",
        ImportState.DONE: "Importé",
        ImportState.REFUSED: "Refusé",
        ImportState.ABANDONED: "Abandonné",
    },
    StaffRoleKind: {
        StaffRoleKind.ACADEMY: "Académie",
        StaffRoleKind.HEAD: "Chef d'établissement",
        StaffRoleKind.DELEGATE: "Délégation",
    },
    LetterType: {LetterType.MIXED: "Mixte ENT/Téléservices", LetterType.ENT_ONLY: "ENT seul"},
}

EVENTS = {
    "account_absorbed": "Compte absorbé par une fusion",
    "account_activated": "Compte activé",
    "account_disabled": "Compte désactivé",
    "account_enabled": "Compte réactivé",
    "account_expired": "Compte effacé, faute d'activation",
    "account_generated": "Compte généré",
    "account_kept": "Compte conservé de l'établissement précédent",
    "account_notified": "Compte notifié",
    "accounts_generated": "Génération des comptes",
    "accounts_merged": "Comptes fusionnés",
    "activation_resent": "Courriel d'activation renvoyé",
    "campaign_launched": "Notification lancée",
    "contact_changed": "Contact établissement modifié",
    "email_change_asked": "Changement d'adresse e-mail demandé",
    "email_changed": "Adresse e-mail changée",
    "email_corrected": "Adresse e-mail corrigée",
    "ent_changed": "Type de courrier ou lien ENT modifié",
    "first_login": "Première connexion",
    "identifier_renewed": "Nouvel identifiant et nouveau mot de passe",
    "language_chosen": "Langue choisie",
    "import_abandoned": "Import abandonné",
    "import_uploaded": "Fichiers SIECLE envoyés",
    "import_confirmed": "Import confirmé",
    "letters_downloaded": "Courriers téléchargés",
    "letters_removed": "Courriers supprimés après 24 heures",
    "link_added": "Lien utile ajouté",
    "link_changed": "Lien utile modifié",
    "link_deleted": "Lien utile supprimé",
    "links_ordered": "Liens utiles réordonnés",
    "logged_out_everywhere": "Déconnexion de tous les appareils",
    "login": "Connexion",
    "login_refused": "Mot de passe refusé",
    "merge_undone": "Fusion annulée",
    "notification_retried": "Notification réessayée",
    "password_changed": "Mot de passe changé",
    "password_renewed": "Nouveau mot de passe",
    "password_reset": "Mot de passe oublié remplacé",
    "password_reset_asked": "Mot de passe oublié : lien demandé",
    "school_imported": "Base élèves importée",
    "service_closed": "Téléservice fermé",
    "service_opened": "Téléservice ouvert",
    "staff_created": "Accès d'un personnel créé",
    "staff_login": "Connexion d'un personnel",
    "staff_login_refused": "Mot de passe d'un personnel refusé",
    "staff_password_changed": "Mot de passe d'un personnel changé",
    "welcome_message_changed": "Message d'accueil modifié",
}
SUBJECTS = {"guardian": "responsables", "student": "élèves"}
DETAILS = {
    "created": "créés",
    "kept": "conservés",
    "mails": "courriels",
    "letters": "courriers",
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
    "count": "nombre",
}
VALUES = {"mail": "courriel", "paper": "courrier papier", "both": "courriel ou courrier papier"}
HIDDEN_DETAILS = {"campaign", "import"}


def word(value: enum.StrEnum | None) -> str:
    """The word of staff for a state, a mode, a role…"""
    return "" if value is None else WORDS[type(value)][value]


def number(value: int) -> str:
    """`1 234`, with a space that does not break."""
    return f"{value:,}".replace(",", "\u202f")


def count(value: int, one: str, many: str | None = None) -> str:
    """`1 compte`, `12 comptes`; none is singular in French."""
    return f"{number(value)}\u00a0{one if value < 2 else many or one + 's'}"


def event_words(action: str) -> str:
    """What happened; the name of the event when it has no words yet."""
    return EVENTS.get(action, action)


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
    return VALUES.get(str(value), str(value))
