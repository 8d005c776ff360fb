"""What the code calls things, in the words of staff."""

import enum
from collections.abc import Mapping
from typing import Any

from shared.duplicates.pairs.daily_file import REFERRALS
from shared.french import count, number
from shared.models.accounts import AccountKind, AccountState
from shared.models.fusions import Referral
from shared.models.holds import HoldAnswer
from shared.models.imports.changes import PersonChange
from shared.models.imports.uploads import ImportState
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import Channel, DeliveryState, Mode
from shared.models.school import Hold, NameFlag
from shared.models.sending.staged import StageCause, StageState
from shared.models.staff import StaffRoleKind, Tab
from shared.models.teleservices import Audience, LetterType
from shared.models.wrong_children import WrongChildAnswer
from shared.notifications.campaigns.letters_standing import LettersStanding
from shared.notifications.campaigns.overview import Which
from shared.notifications.campaigns.unreached import Outcome
from shared.notifications.channels.registry import CHANNELS, ROUTES
from shared.overview.todo import Progress
from shared.siecle.losses import Sort

__all__ = [
    "MODES",
    "STATES",
    "TABS",
    "WORDS",
    "change_title",
    "changed_persons",
    "count",
    "number",
    "word",
]

STATES = {
    AccountState.NOT_NOTIFIED: "Non notifié",
    AccountState.NOTIFIED: "Notifié",
    AccountState.ACTIVATING: "En cours d'activation",
    AccountState.ACTIVE: "Utilisé",
    AccountState.MERGED: "Fusionné",
    AccountState.DISABLED: "Désactivé",
}
MODES = {mode: route.choice for mode, route in ROUTES.items()}
TABS = {
    Tab.SERVICES: "Gestion des services",
    Tab.SETTINGS: "Paramétrage",
    Tab.GUARDIANS: "Accès des responsables",
    Tab.STUDENTS: "Accès des élèves",
    Tab.DUPLICATES: "Doublons",
    Tab.IMPORTS: "Import de la base élèves",
    Tab.STATISTICS: "Statistiques",
}
LETTER_AUDIENCES = {AccountKind.GUARDIAN: "Courrier pour responsable", AccountKind.STUDENT: "Courrier pour élève"}
LETTERS = {
    LetterKind.GUARDIAN_NEW_ACCOUNT: "Nouveau compte ou compte non activé",
    LetterKind.GUARDIAN_ACTIVATION_REMINDER: "Compte en cours d'activation (rappel)",
    LetterKind.GUARDIAN_NEW_PASSWORD: "Compte utilisé (nouveau mot de passe)",
    LetterKind.GUARDIAN_REMINDER: "Compte utilisé (rappel)",
    LetterKind.STUDENT_NEW_ACCOUNT: "Nouveau compte ou compte non activé",
    LetterKind.STUDENT_NEW_PASSWORD: "Compte utilisé (nouveau mot de passe)",
    LetterKind.STUDENT_REMINDER: "Compte utilisé (rappel)",
}
STAGE_CAUSES = {
    StageCause.PRINTED: "le papier ne reste qu'un jour ici : préparez-le quand vous pouvez l'imprimer",
    StageCause.AUTHOR: "la personne qui l'a demandée n'a plus ici le droit de notifier, ou ne le tient que d'un "
    "fournisseur d'identité",
    StageCause.DEARER: "elle coûterait plus que ce qui a été confirmé",
    StageCause.CANCELLED: "l'étape précédente a été annulée",
    StageCause.RESTORED: "la base a été restaurée depuis : cette étape est peut-être déjà partie",
    StageCause.NOT_OFFERED: "ce moyen n'est plus proposé ici",
    StageCause.NOBODY: "plus personne n'est à notifier",
    StageCause.STOPPED: "arrêtée à la main",
}
# By type first: members of different types may have the same value, and then compare equal.
WORDS: dict[type[enum.StrEnum], Mapping[Any, str]] = {
    Referral: REFERRALS,
    AccountState: STATES,
    Mode: MODES,
    StageState: {
        StageState.AWAITED: "À venir",
        StageState.PROPOSED: "À confirmer",
        StageState.LAUNCHED: "Faite",
        StageState.PASSED: "Laissée de côté",
    },
    StageCause: STAGE_CAUSES,
    Channel: {channel: one.words.name for channel, one in CHANNELS.items()},
    DeliveryState: {
        DeliveryState.TO_SEND: "En attente",
        DeliveryState.SENDING: "En cours",
        DeliveryState.TO_RETRY: "Nouvel essai prévu",
        DeliveryState.SENT: "Envoyé",
        DeliveryState.PRINTED: "Préparé",
        DeliveryState.REFUSED: "Échec",
        DeliveryState.SKIPPED: "Rien n'est parti",
    },
    LettersStanding: {
        LettersStanding.PREPARING: "En préparation",
        LettersStanding.PREPARED: "À télécharger",
        LettersStanding.DOWNLOADED: "Téléchargés",
        LettersStanding.REMOVED: "Téléchargés, puis supprimés",
        LettersStanding.EXPIRED: "Supprimés sans être téléchargés",
    },
    Which: {
        Which.ALL: "Toutes",
        Which.TO_TAKE: "Courriers à télécharger",
        Which.UNDER_WAY: "En cours",
        Which.REFUSED: "Avec des échecs",
        Which.EXPIRED: "Courriers supprimés sans être téléchargés",
    },
    Progress: {
        Progress.DONE: "Fait",
        Progress.TO_DO: "À faire",
        Progress.UNDER_WAY: "En cours",
        Progress.LATER: "Plus tard",
    },
    Outcome: {
        Outcome.FAILED: "L'envoi a échoué",
        Outcome.LEFT_ASIDE: "Pas d'adresse ou de numéro qui reçoive",
        Outcome.EXPIRED: "Le courrier a été supprimé sans être téléchargé",
        Outcome.RETURNED: "Le courrier est revenu",
    },
    NameFlag: {
        NameFlag.COMMENT: "Autre chose qu'un nom est écrit à sa place : corrigez-le dans la base élèves.",
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
        StaffRoleKind.HELP_DESK: "Assistance",
    },
    Tab: TABS,
    Audience: {
        Audience.GUARDIANS: "Responsables",
        Audience.STUDENTS: "Élèves",
        Audience.BOTH: "Responsables et élèves",
    },
    Hold: {
        Hold.DECEASED: "dit que cette personne est décédée",
        Hold.DO_NOT_WRITE: "dit de ne pas écrire à cette personne",
    },
    HoldAnswer: {HoldAnswer.WRITE: "Écrire quand même", HoldAnswer.DO_NOT_WRITE: "Ne pas écrire"},
    PersonChange: {
        PersonChange.ARRIVED: "Arrivée",
        PersonChange.LEFT: "Départ",
        PersonChange.MOVED: "Changement de division",
        PersonChange.RENAMED: "Changement de nom",
        PersonChange.UNLINKED: "Lien perdu",
        PersonChange.EMAIL: "Adresse e-mail changée ou perdue",
    },
    Sort: {Sort.STUDENTS: "Élève", Sort.GUARDIANS: "Responsable"},
    WrongChildAnswer: {WrongChildAnswer.REMOVED: "Lien retiré", WrongChildAnswer.KEPT: "Lien gardé"},
    LetterKind: LETTERS,
    LetterPart: {LetterPart.HEADER: "Entête", LetterPart.BODY: "Corps", LetterPart.COUPON: "Coupon remis en classe"},
    LetterType: {LetterType.MIXED: "Mixte ENT/Téléservices", LetterType.ENT_ONLY: "ENT seul"},
}


def word(value: enum.StrEnum | None) -> str:
    """The word of staff for a state, a mode, a role…"""
    return "" if value is None else WORDS[type(value)][value]


CHANGES = {
    PersonChange.ARRIVED: ("{} qui arrive", "{}s qui arrivent"),
    PersonChange.LEFT: ("{} qui part", "{}s qui partent"),
    PersonChange.MOVED: ("{} qui change de division", "{}s qui changent de division"),
    PersonChange.RENAMED: ("{} qui change de nom", "{}s qui changent de nom"),
    PersonChange.UNLINKED: ("{} qui perd un lien", "{}s qui perdent un lien"),
    PersonChange.EMAIL: ("{} dont l'adresse e-mail change", "{}s dont l'adresse e-mail change"),
}


def changed_persons(sort: Sort, change: PersonChange, number_of: int) -> str:
    """« 12 élèves qui arrivent »."""
    noun = "élève" if sort is Sort.STUDENTS else "responsable"
    one, many = (words.format(noun) for words in CHANGES[change])
    return count(number_of, one, many)


def change_title(found: Mapping[str, Any]) -> str:
    """The same, of a change as the report of an import stores it."""
    return changed_persons(Sort(found["sort"]), PersonChange(found["change"]), found["count"])
