"""« Mes données » in words: what the tables call things, as their holder reads them; in French, as the data are."""

import re
from contextlib import suppress
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from parent_portal.installation import installation
from shared import clock
from shared.languages import FRENCH
from shared.models.access.openid import Shared
from shared.models.access.ties import ConfirmedBy, TieState
from shared.models.accounts import AccountState
from shared.models.journal import Action, ActorKind
from shared.models.notifications import AccountMailKind, Channel, DeliveryState
from shared.models.wrong_children import WrongChildAnswer
from shared.notifications.channels.registry import CHANNELS

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# By type first: members of different types may have the same value, and then compare equal.
WORDS: dict[type, dict[str, str]] = {
    AccountState: {
        AccountState.NOT_NOTIFIED: "pas encore envoyé",
        AccountState.NOTIFIED: "envoyé",
        AccountState.ACTIVATING: "en cours d'activation",
        AccountState.ACTIVE: "activé",
        AccountState.MERGED: "réuni avec un autre",
        AccountState.DISABLED: "fermé",
    },
    Channel: {channel: one.words.for_holders for channel, one in CHANNELS.items()},
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
        AccountMailKind.SELF_ACTIVATION: "lien pour activer le compte sans lettre",
        AccountMailKind.ERASURE_COMING: "effacement prochain du compte",
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
    Shared: {
        Shared.NAMES: "nom et prénom",
        Shared.EMAIL: "adresse e-mail",
        Shared.CHILDREN: "enfants (prénom, établissement, classe)",
        Shared.INE: "INE de chaque enfant",
    },
    WrongChildAnswer: {WrongChildAnswer.REMOVED: "lien retiré", WrongChildAnswer.KEPT: "lien juste"},
    bool: {True: "oui", False: "non"},  # type: ignore[dict-item]  # no enumeration
    ActorKind: {
        ActorKind.ANONYMOUS: "quelqu'un qui n'est pas connecté",
        ActorKind.ACCOUNT: "vous",
        ActorKind.STAFF: "l'établissement",
        ActorKind.SYSTEM: "le portail",
        ActorKind.COMMAND: "la personne qui s'occupe du portail",
    },
    Action: {
        Action.ACCOUNT_ACTIVATED: "compte activé",
        Action.ACCOUNT_GENERATED: "compte créé",
        Action.ACCOUNT_NOTIFIED: "identifiant envoyé",
        Action.ACCOUNT_DISABLED: "compte fermé",
        Action.ACCOUNT_ENABLED: "compte rouvert",
        Action.ACCOUNT_UNBLOCKED: "compte débloqué après des mots de passe faux",
        Action.ACCOUNT_EXPIRED: "compte effacé, faute d'activation",
        Action.ACCOUNT_KEPT: "compte gardé de l'établissement précédent",
        Action.ACCOUNTS_MERGED: "comptes réunis",
        Action.ACCOUNT_ABSORBED: "compte réuni avec un autre",
        Action.ACTIVATION_RESENT: "e-mail d'activation renvoyé",
        Action.CONSENT_GIVEN: "accord donné à un téléservice ou à l'ENT",
        Action.CONSENT_WITHDRAWN: "accord retiré à un téléservice ou à l'ENT",
        Action.EMAIL_CHANGE_ASKED: "changement d'adresse e-mail demandé",
        Action.EMAIL_CHANGED: "adresse e-mail changée",
        Action.EMAIL_CORRECTED: "adresse e-mail corrigée",
        Action.FIRST_LOGIN: "première connexion",
        Action.GUARDIANS_FUSED: "fiches réunies par l'établissement",
        Action.GUARDIANS_FUSION_UNDONE: "fiches séparées par l'établissement",
        Action.HOLD_DECIDED: "décision de l'établissement sur ses envois",
        Action.IDENTIFIER_RENEWED: "nouvel identifiant",
        Action.IDENTITY_NOW_ANOTHER: "numéro de votre fiche donné à une autre personne",
        Action.IDENTITY_NOW_ONE: "deux fiches d'un même élève réunies",
        Action.IDENTITY_SEEN: "changement de fiche vu par l'établissement",
        Action.LANGUAGE_CHOSEN: "langue choisie",
        Action.LETTER_RETURNED: "courrier revenu : adresse à corriger",
        Action.LETTER_RETURN_UNDONE: "courrier noté revenu par erreur",
        Action.LOGGED_OUT_EVERYWHERE: "déconnexion de tous les appareils",
        Action.LOGIN: "connexion",
        Action.LOGIN_REFUSED: "mot de passe refusé",
        Action.MERGE_UNDONE: "comptes séparés",
        Action.NOTIFICATION_RETRIED: "envoi réessayé par l'établissement",
        Action.OWN_DATA_DOWNLOADED: "données téléchargées",
        Action.PASSKEY_ADDED: "clé d'accès ajoutée",
        Action.PASSKEY_REFUSED: "clé d'accès refusée",
        Action.PASSKEY_REMOVED: "clé d'accès retirée",
        Action.PASSKEY_RENAMED: "nom d'une clé d'accès changé",
        Action.PASSKEYS_REMOVED: "clés d'accès retirées",
        Action.PASSWORD_CHANGED: "mot de passe changé",
        Action.PASSWORD_RENEWED: "nouveau mot de passe",
        Action.PASSWORD_RESET: "mot de passe oublié, remplacé",
        Action.PASSWORD_RESET_ASKED: "mot de passe oublié : lien demandé",
        Action.SELF_ACTIVATED: "compte activé sans lettre",
        Action.SELF_ACTIVATION_ASKED: "activation sans lettre : lien demandé",
        Action.SELF_ACTIVATION_REFUSED: "activation sans lettre : date de naissance refusée",
        Action.SERVICE_ENTERED: "entrée dans un téléservice ou dans l'ENT",
        Action.TIE_CONFIRMED: "rattachement à un établissement confirmé",
        Action.TIE_PROPOSED: "rattachement proposé par un établissement",
        Action.TIE_REFUSED: "rattachement à un établissement refusé",
        Action.WRONG_CHILD_ANSWERED: "élève signalé : réponse de l'établissement",
        Action.WRONG_CHILD_REPORTED: "élève signalé",
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
    return WORDS.get(type(value), {}).get(value, value)  # type: ignore[call-overload]  # any value
