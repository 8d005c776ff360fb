"""Why a notification, or a mail of the portal, was not delivered: known reasons, beside what mail servers say."""

import enum

from sqlalchemy import Dialect, String
from sqlalchemy.types import TypeDecorator

ERROR_CHARACTERS = 500


class Reason(enum.StrEnum):
    """What the project itself decides; its words are in `shared.notifications.words`."""

    NO_MAIL_ADDRESS = "no_mail_address"
    FAILING_ADDRESS = "failing_address"
    NO_POSTAL_ADDRESS = "no_postal_address"
    RETURNED_LETTER = "returned_letter"
    NO_MOBILE_NUMBER = "no_mobile_number"
    SMS_NOT_ACCEPTED = "sms_not_accepted"
    NOT_A_MOBILE = "not_a_mobile"
    FOREIGN_NUMBER = "foreign_number"
    UNREADABLE_NUMBER = "unreadable_number"
    SHARED_NUMBER = "shared_number"
    FAILING_NUMBER = "failing_number"
    SMS_TO_ORGANISATION = "sms_to_organisation"
    DISABLED = "disabled"
    ALREADY_WAITING = "already_waiting"
    TOLD_ALREADY = "told_already"
    REMINDED = "reminded"
    HELD_DECEASED = "held_deceased"
    HELD_DO_NOT_WRITE = "held_do_not_write"
    HELD_CHILD_DECEASED = "held_child_deceased"
    # Found when it is written out, since something changed after it was asked for.
    ERASED_SINCE = "erased_since"
    ACTIVATED_SINCE = "activated_since"
    DISABLED_SINCE = "disabled_since"
    MERGED_SINCE = "merged_since"
    TIE_UNCONFIRMED = "tie_unconfirmed"
    TIE_ANSWERED_SINCE = "tie_answered_since"
    FICHE_GONE_SINCE = "fiche_gone_since"
    LINK_USED_SINCE = "link_used_since"
    DUPLICATES_TREATED_SINCE = "duplicates_treated_since"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    # Of the gateway.
    SMS_STATE_UNKNOWN = "sms_state_unknown"
    SMS_TOO_LONG = "sms_too_long"
    SMS_NOT_CONFIGURED = "sms_not_configured"
    PRINT_SERVICE_SILENT = "print_service_silent"
    # Of the worker itself.
    WORN_OUT = "worn_out"
    INTERNAL_ERROR = "internal_error"


HELD = frozenset({Reason.HELD_DECEASED, Reason.HELD_DO_NOT_WRITE, Reason.HELD_CHILD_DECEASED})
"""What the school base says of a person: told to staff who decide about it, to nobody else."""

_WRITTEN_BEFORE = {
    "pas d'adresse électronique": Reason.NO_MAIL_ADDRESS,
    "adresse électronique en échec": Reason.FAILING_ADDRESS,
    "pas d'adresse postale": Reason.NO_POSTAL_ADDRESS,
    "adresse postale en échec : un courrier en est revenu": Reason.RETURNED_LETTER,
    "compte désactivé": Reason.DISABLED,
    "déjà en attente dans une autre notification": Reason.ALREADY_WAITING,
    "déjà rappelé depuis moins de 30 jours": Reason.REMINDED,
    "fiche retenue : la base élèves dit que cette personne est décédée": Reason.HELD_DECEASED,
    "fiche retenue : la base élèves dit de ne pas écrire à cette personne": Reason.HELD_DO_NOT_WRITE,
    "fiche retenue : la base élèves dit qu'un de ses élèves est décédé": Reason.HELD_CHILD_DECEASED,
    "déjà notifié ainsi depuis la première étape": Reason.TOLD_ALREADY,
    "compte activé depuis : il n'y a plus rien à lui écrire": Reason.ACTIVATED_SINCE,
    "compte effacé depuis": Reason.ERASED_SINCE,
    "compte désactivé depuis": Reason.DISABLED_SINCE,
    "compte fusionné depuis avec un autre compte": Reason.MERGED_SINCE,
    "compte d'un autre établissement, que la famille n'a pas confirmé": Reason.TIE_UNCONFIRMED,
    "la famille ou l'académie a répondu depuis": Reason.TIE_ANSWERED_SINCE,
    "fiche effacée depuis": Reason.FICHE_GONE_SINCE,
    "le lien a servi ou a été remplacé depuis": Reason.LINK_USED_SINCE,
    "ces doublons ont été traités depuis": Reason.DUPLICATES_TREATED_SINCE,
    "annulé avant l'envoi": Reason.CANCELLED,
    "écarté après une restauration de la base : c'était sans doute déjà parti": Reason.RESTORED,
    "abandonné : chaque essai a été interrompu avant la fin": Reason.WORN_OUT,
    "pas de numéro de portable": Reason.NO_MOBILE_NUMBER,
    "la base élèves ne dit pas que les SMS sont acceptés": Reason.SMS_NOT_ACCEPTED,
    "le numéro n'est pas celui d'un portable": Reason.NOT_A_MOBILE,
    "numéro de portable étranger": Reason.FOREIGN_NUMBER,
    "numéro de portable mal écrit": Reason.UNREADABLE_NUMBER,
    "numéro de portable donné à plusieurs familles": Reason.SHARED_NUMBER,
    "numéro de portable en échec": Reason.FAILING_NUMBER,
    "organisme : on ne lui envoie pas de SMS": Reason.SMS_TO_ORGANISATION,
    "on ne sait pas si le SMS est parti : la passerelle n'a pas répondu": Reason.SMS_STATE_UNKNOWN,
    "l'adresse du portail ne tient pas dans un SMS": Reason.SMS_TOO_LONG,
    "l'envoi de SMS n'est plus configuré": Reason.SMS_NOT_CONFIGURED,
    "le prestataire d'impression n'a rien dit en sept jours : on ne sait pas si le courrier est parti": (
        Reason.PRINT_SERVICE_SILENT
    ),
    "erreur interne : voir le journal technique": Reason.INTERNAL_ERROR,
}
"""The sentences that rows of before 1.1 hold in place of the reason; each reason has one, whenever it came."""

_KNOWN = {**_WRITTEN_BEFORE, **{reason.value: reason for reason in Reason}}


class ReasonOrText(TypeDecorator[str]):
    """A reason, read as one whichever version wrote it, or the text of a mail server as it came."""

    impl = String(ERROR_CHARACTERS)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text of the column."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """The reason of that name, or of that sentence of before."""
        return None if value is None else _KNOWN.get(value, value)
