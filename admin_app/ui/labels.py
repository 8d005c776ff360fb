"""What the code calls things, in the words of staff."""

import enum
from collections.abc import Mapping
from typing import Any

from shared.french import count, number
from shared.models.accounts import AccountKind, AccountState
from shared.models.holds import HoldAnswer
from shared.models.import_changes import PersonChange
from shared.models.letters import LetterKind, LetterPart
from shared.models.notifications import Channel, DeliveryState, Mode
from shared.models.school import Hold, ImportState, NameFlag
from shared.models.staff import StaffRoleKind, Tab
from shared.models.teleservices import Audience, LetterType
from shared.models.wrong_children import WrongChildAnswer
from shared.siecle.losses import Sort

__all__ = [
    "EVENTS",
    "MODES",
    "STATES",
    "SUBJECTS",
    "TABS",
    "WORDS",
    "change_title",
    "changed_persons",
    "count",
    "event_words",
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
MODES = {
    Mode.BOTH: "Courriel, et document papier pour qui n'a pas d'adresse électronique",
    Mode.MAIL: "Courrier électronique seulement",
    Mode.PAPER: "Document papier seulement",
}
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
    LetterPart: {LetterPart.HEADER: "Entête", LetterPart.BODY: "Corps"},
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
    "campaign_cancelled": "Notification annulée",
    "campaign_launched": "Notification lancée",
    "campaign_paused": "Notification suspendue",
    "campaign_resumed": "Notification reprise",
    "code_refused": "Code de connexion refusé",
    "contact_changed": "Contact établissement modifié",
    "delegation_changed": "Délégation modifiée",
    "delegation_ended": "Délégation terminée",
    "duplicates_alert_changed": "Courriel d'alerte sur les doublons réglé",
    "duplicates_announced": "Nouveaux doublons signalés par courriel",
    "duplicates_lot": "Doublons traités par lot",
    "email_change_asked": "Changement d'adresse e-mail demandé",
    "email_changed": "Adresse e-mail changée",
    "email_corrected": "Adresse e-mail corrigée",
    "ent_changed": "Type de courrier ou lien ENT modifié",
    "ent_link_added": "Lien ENT ajouté à la liste",
    "ent_link_changed": "Lien ENT modifié dans la liste",
    "ent_link_restored": "Lien ENT remis dans la liste",
    "ent_link_retired": "Lien ENT retiré de la liste",
    "establishment_corrected": "Nom ou adresse de l'établissement corrigés",
    "establishment_created": "Établissement créé",
    "establishment_follows_files": "Nom et adresse de nouveau pris dans les fichiers",
    "exported": "Fichier exporté",
    "invitation_accepted": "Délégation acceptée",
    "invitation_refused": "Délégation refusée",
    "journal_purged": "Anciens événements du journal effacés",
    "factor_removed": "Double authentification retirée",
    "factor_reset": "Double authentification retirée à la demande",
    "factor_set": "Double authentification installée",
    "first_login": "Première connexion",
    "hold_decided": "Fiche retenue : décision prise",
    "guardians_fused": "Fiches de responsables fusionnées",
    "guardians_fusion_undone": "Fusion de fiches annulée",
    "identity_followed": "Personnes connues sous un autre numéro de SIECLE",
    "identity_now_another": "Numéro de SIECLE donné à une autre personne",
    "identity_now_one": "Deux fiches d'un seul élève",
    "identity_seen": "Changement de personne vu",
    "identifier_renewed": "Nouvel identifiant et nouveau mot de passe",
    "language_chosen": "Langue choisie",
    "import_abandoned": "Import abandonné",
    "import_losses_seen": "Pertes d'un import vues",
    "import_uploaded": "Fichiers SIECLE envoyés",
    "import_confirmed": "Import confirmé",
    "letter_changed": "Courrier modifié",
    "letter_reset": "Courrier réinitialisé",
    "letters_downloaded": "Courriers téléchargés",
    "letters_removed": "Courriers supprimés après 24 heures",
    "link_added": "Lien utile ajouté",
    "link_changed": "Lien utile modifié",
    "link_deleted": "Lien utile supprimé",
    "link_restored": "Lien utile rétabli",
    "links_ordered": "Liens utiles réordonnés",
    "logged_out_everywhere": "Déconnexion de tous les appareils",
    "login": "Connexion",
    "login_refused": "Mot de passe refusé",
    "logo_changed": "Logo des courriers modifié",
    "logo_removed": "Logo des courriers retiré",
    "mails_refused": "Courriels refusés par un fournisseur",
    "merge_undone": "Fusion annulée",
    "not_a_duplicate": "Déclaré « pas un doublon »",
    "not_a_duplicate_undone": "« Pas un doublon » annulé",
    "notification_retried": "Notification réessayée",
    "own_data_downloaded": "Données personnelles téléchargées par leur titulaire",
    "passkey_added": "Clé d'accès ajoutée",
    "passkey_refused": "Clé d'accès refusée",
    "passkey_removed": "Clé d'accès retirée",
    "passkey_renamed": "Clé d'accès renommée",
    "passkeys_removed": "Clés d'accès toutes retirées",
    "password_changed": "Mot de passe changé",
    "password_renewed": "Nouveau mot de passe",
    "password_reset": "Mot de passe oublié remplacé",
    "password_reset_asked": "Mot de passe oublié : lien demandé",
    "recovery_code_used": "Code de secours utilisé",
    "recovery_codes_renewed": "Nouveaux codes de secours",
    "school_imported": "Base élèves importée",
    "security_policy_changed": "Règles de sécurité de l'académie changées",
    "service_added": "Téléservice ajouté au catalogue",
    "service_changed": "Téléservice modifié dans le catalogue",
    "service_closed": "Téléservice fermé",
    "service_opened": "Téléservice ouvert",
    "service_restored": "Téléservice remis dans le catalogue",
    "service_retired": "Téléservice retiré du catalogue",
    "services_ordered": "Catalogue réordonné",
    "staff_closed": "Accès d'un personnel fermé",
    "staff_created": "Accès d'un personnel créé",
    "staff_login": "Connexion d'un personnel",
    "staff_login_refused": "Mot de passe d'un personnel refusé",
    "staff_opened": "Accès d'un personnel rouvert",
    "staff_password_changed": "Mot de passe d'un personnel changé",
    "staff_password_handed_over": "Nouveau mot de passe remis à un personnel",
    "staff_reset": "Accès d'un personnel rendu",
    "staff_role_removed": "Personnel retiré de l'établissement",
    "tie_confirmed": "Rattachement d'un compte à un établissement confirmé",
    "refusals_seen": "Réponses « non » de familles vues",
    "tie_proposed": "Compte d'un autre établissement : la famille est interrogée",
    "tie_refused": "La famille a répondu que ce n'est pas elle : un autre compte sera généré",
    "wrong_child_answered": "Élève signalé : réponse donnée",
    "wrong_child_reported": "Élève signalé par un parent",
    "welcome_message_changed": "Message d'accueil modifié",
}
SUBJECTS = {"guardian": "responsables", "student": "élèves"}


def word(value: enum.StrEnum | None) -> str:
    """The word of staff for a state, a mode, a role…"""
    return "" if value is None else WORDS[type(value)][value]


def event_words(action: str) -> str:
    """What happened; the name of the event when it has no words yet."""
    return EVENTS.get(action, action)


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
