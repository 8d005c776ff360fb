"""« Mes données » in words: what the tables call things, as their holder reads them; in French, as the data are."""

import re
from contextlib import suppress
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from parent_portal.installation import installation
from shared import clock
from shared.accounts.holder.own_data import EventName
from shared.languages import FRENCH
from shared.models.access.ties import ConfirmedBy, TieState
from shared.models.accounts import AccountState
from shared.models.journal import ActorKind
from shared.models.notifications import AccountMailKind, Channel, DeliveryState
from shared.models.wrong_children import WrongChildAnswer

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# By type first: members of different types may have the same value, and then compare equal.
_WORDS: dict[type, dict[str, str]] = {
    AccountState: {
        AccountState.NOT_NOTIFIED: "pas encore envoyé",
        AccountState.NOTIFIED: "envoyé",
        AccountState.ACTIVATING: "en cours d'activation",
        AccountState.ACTIVE: "activé",
        AccountState.MERGED: "réuni avec un autre",
        AccountState.DISABLED: "fermé",
    },
    Channel: {Channel.MAIL: "e-mail", Channel.PAPER: "lettre"},
    DeliveryState: {
        DeliveryState.TO_SEND: "va partir",
        DeliveryState.SENDING: "en train de partir",
        DeliveryState.TO_RETRY: "un nouvel essai est prévu",
        DeliveryState.SENT: "envoyé",
        DeliveryState.PRINTED: "imprimé",
        DeliveryState.REFUSED: "refusé",
        DeliveryState.SKIPPED: "pas envoyé",
    },
    AccountMailKind: {
        AccountMailKind.ACTIVATION: "activation du compte",
        AccountMailKind.PASSWORD_RESET: "mot de passe oublié",
        AccountMailKind.PASSWORD_CHANGED: "mot de passe changé",
        AccountMailKind.EMAIL_CHANGE: "nouvelle adresse à confirmer",
        AccountMailKind.EMAIL_CHANGE_ASKED: "changement d'adresse e-mail demandé",
        AccountMailKind.EMAIL_CHANGED: "adresse e-mail changée",
        AccountMailKind.MERGED: "comptes réunis",
        AccountMailKind.PASSKEY_ADDED: "clé d'accès ajoutée",
        AccountMailKind.PASSKEYS_REMOVED: "clés d'accès retirées",
        AccountMailKind.CHANGED_BY_STAFF: "compte changé par l'établissement",
        AccountMailKind.NEW_DEVICE: "compte ouvert sur un nouvel appareil",
    },
    TieState: {
        TieState.PROPOSED: "à confirmer par vous",
        TieState.CONFIRMED: "confirmé",
        TieState.REFUSED: "refusé par vous",
    },
    ConfirmedBy: {
        ConfirmedBy.GENERATION: "l'établissement, qui a créé le compte",
        ConfirmedBy.FAMILY: "vous",
        ConfirmedBy.DEPARTURE: "l'établissement d'avant",
        ConfirmedBy.ACADEMY: "l'académie",
    },
    WrongChildAnswer: {WrongChildAnswer.REMOVED: "lien retiré", WrongChildAnswer.KEPT: "lien juste"},
    bool: {True: "oui", False: "non"},  # type: ignore[dict-item]
    ActorKind: {
        ActorKind.ANONYMOUS: "quelqu'un qui n'est pas connecté",
        ActorKind.ACCOUNT: "vous",
        ActorKind.STAFF: "l'établissement",
        ActorKind.SYSTEM: "le portail",
        ActorKind.COMMAND: "la personne qui s'occupe du portail",
    },
    EventName: {
        "account_activated": "compte activé",
        "account_generated": "compte créé",
        "account_notified": "identifiant envoyé",
        "account_disabled": "compte fermé",
        "account_enabled": "compte rouvert",
        "account_expired": "compte effacé, faute d'activation",
        "account_kept": "compte gardé de l'établissement précédent",
        "accounts_merged": "comptes réunis",
        "account_absorbed": "compte réuni avec un autre",
        "activation_resent": "e-mail d'activation renvoyé",
        "email_change_asked": "changement d'adresse e-mail demandé",
        "email_changed": "adresse e-mail changée",
        "email_corrected": "adresse e-mail corrigée",
        "first_login": "première connexion",
        "guardians_fused": "fiches réunies par l'établissement",
        "guardians_fusion_undone": "fiches séparées par l'établissement",
        "hold_decided": "décision de l'établissement sur ses envois",
        "identifier_renewed": "nouvel identifiant",
        "identity_now_another": "numéro de votre fiche donné à une autre personne",
        "identity_now_one": "deux fiches d'un même élève réunies",
        "identity_seen": "changement de fiche vu par l'établissement",
        "language_chosen": "langue choisie",
        "logged_out_everywhere": "déconnexion de tous les appareils",
        "login": "connexion",
        "login_refused": "mot de passe refusé",
        "merge_undone": "comptes séparés",
        "notification_retried": "envoi réessayé par l'établissement",
        "own_data_downloaded": "données téléchargées",
        "passkey_added": "clé d'accès ajoutée",
        "passkey_refused": "clé d'accès refusée",
        "passkey_removed": "clé d'accès retirée",
        "passkey_renamed": "nom d'une clé d'accès changé",
        "passkeys_removed": "clés d'accès retirées",
        "password_changed": "mot de passe changé",
        "password_renewed": "nouveau mot de passe",
        "password_reset": "mot de passe oublié, remplacé",
        "password_reset_asked": "mot de passe oublié : lien demandé",
        "tie_confirmed": "rattachement à un établissement confirmé",
        "tie_proposed": "rattachement proposé par un établissement",
        "tie_refused": "rattachement à un établissement refusé",
        "wrong_child_answered": "élève signalé : réponse de l'établissement",
        "wrong_child_reported": "élève signalé",
    },
}


def held_in_words(value: object) -> object:
    """A value of « Mes données » as it is read: instants by the clocks of the académie, states in words."""
    # What somebody typed may look like a day that no calendar has.
    with suppress(ValueError, OverflowError):
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            instant = clock.local(datetime.fromisoformat(value), installation().settings.time_zone)
            return format_datetime(instant, "d MMMM y, HH:mm", locale=FRENCH.locale)
        if isinstance(value, str) and _DAY.fullmatch(value):
            return format_date(date.fromisoformat(value), "long", locale=FRENCH.locale)
    return _in_words(value)


def file_in_words(held: object) -> object:
    """« Mes données » as the file tells them: states in words; instants and days as programs read them."""
    if isinstance(held, dict):
        return {name: file_in_words(inner) for name, inner in held.items()}
    if isinstance(held, list):
        return [file_in_words(inner) for inner in held]
    return held if isinstance(held, bool) else _in_words(held)


def _in_words(value: object) -> object:
    return _WORDS.get(type(value), {}).get(value, value)  # type: ignore[call-overload]
