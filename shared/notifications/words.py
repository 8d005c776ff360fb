"""Why nothing was delivered, in the words of staff: on screens, in files and mails, on the command line."""

from collections.abc import Mapping

from shared.models.reasons import Reason

HELD = "fiche retenue"
"""What the reasons of `shared.models.reasons.HELD` begin with, and all of them that is said outside the office."""

REASONS: Mapping[Reason, str] = {
    Reason.NO_MAIL_ADDRESS: "pas d'adresse électronique",
    Reason.FAILING_ADDRESS: "adresse électronique en échec",
    Reason.NO_POSTAL_ADDRESS: "pas d'adresse postale",
    Reason.RETURNED_LETTER: "adresse postale en échec : un courrier en est revenu",
    Reason.NO_MOBILE_NUMBER: "pas de numéro de portable",
    Reason.SMS_NOT_ACCEPTED: "la base élèves ne dit pas que les SMS sont acceptés",
    Reason.NOT_A_MOBILE: "le numéro n'est pas celui d'un portable",
    Reason.FOREIGN_NUMBER: "numéro de portable étranger",
    Reason.UNREADABLE_NUMBER: "numéro de portable mal écrit",
    Reason.SHARED_NUMBER: "numéro de portable donné à plusieurs familles",
    Reason.FAILING_NUMBER: "numéro de portable en échec",
    Reason.SMS_TO_ORGANISATION: "organisme : on ne lui envoie pas de SMS",
    Reason.SMS_STATE_UNKNOWN: "on ne sait pas si le SMS est parti : la passerelle n'a pas répondu",
    Reason.SMS_TOO_LONG: "l'adresse du portail ne tient pas dans un SMS",
    Reason.SMS_NOT_CONFIGURED: "l'envoi de SMS n'est plus configuré",
    Reason.PRINT_SERVICE_SILENT: (
        "le prestataire d'impression n'a rien dit en sept jours : on ne sait pas si le courrier est parti"
    ),
    Reason.DISABLED: "compte désactivé",
    Reason.ALREADY_WAITING: "déjà en attente dans une autre notification",
    Reason.TOLD_ALREADY: "déjà notifié ainsi depuis la première étape",
    Reason.REMINDED: "déjà rappelé depuis moins de 30 jours",
    Reason.HELD_DECEASED: f"{HELD} : la base élèves dit que cette personne est décédée",
    Reason.HELD_DO_NOT_WRITE: f"{HELD} : la base élèves dit de ne pas écrire à cette personne",
    Reason.HELD_CHILD_DECEASED: f"{HELD} : la base élèves dit qu'un de ses élèves est décédé",
    Reason.ACTIVATED_SINCE: "compte activé depuis : il n'y a plus rien à lui écrire",
    Reason.ERASED_SINCE: "compte effacé depuis",
    Reason.DISABLED_SINCE: "compte désactivé depuis",
    Reason.MERGED_SINCE: "compte fusionné depuis avec un autre compte",
    Reason.TIE_UNCONFIRMED: "compte d'un autre établissement, que la famille n'a pas confirmé",
    Reason.TIE_ANSWERED_SINCE: "la famille ou l'académie a répondu depuis",
    Reason.FICHE_GONE_SINCE: "fiche effacée depuis",
    Reason.LINK_USED_SINCE: "le lien a servi ou a été remplacé depuis",
    Reason.DUPLICATES_TREATED_SINCE: "ces doublons ont été traités depuis",
    Reason.CANCELLED: "annulé avant l'envoi",
    Reason.RESTORED: "écarté après une restauration de la base : c'était sans doute déjà parti",
    Reason.WORN_OUT: "abandonné : chaque essai a été interrompu avant la fin",
    Reason.INTERNAL_ERROR: "erreur interne : voir le journal technique",
}


def reason_words(error: str | None) -> str:
    """The words of a reason; what a mail server said, as it said it."""
    return REASONS[error] if isinstance(error, Reason) else error or ""
