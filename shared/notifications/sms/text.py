"""What a message says, in one part, in the language of the family: the address of the portal, a code, no password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.without_letter.codes import PATH
from shared.languages import FRENCH, Language, to_translate, translations
from shared.models.notifications import Text
from shared.models.reasons import Reason
from shared.notifications.outbox.leases import PermanentFailure
from shared.notifications.sms.alphabet import fits, plainly

SCHEMES = "https://", "http://"
CODED = (
    to_translate(
        "%(school)s : activez votre compte %(identifier)s sur %(address)s avec le code %(code)s avant le %(until)s."
    ),
    to_translate("Activez votre compte sur %(address)s avec le code %(code)s"),
    to_translate("%(address)s Code : %(code)s"),
)
"""The longest first: the first that fits is sent."""
OPEN = to_translate("Vous avez déjà un compte Téléservices : %(address)s")
OTHERS = {
    Text.ACTIVATION_REMINDER: to_translate(
        "%(school)s : connectez-vous sur %(address)s avec %(identifier)s pour confirmer votre adresse e-mail."
    ),
    Text.NEW_PASSWORD: to_translate(
        "%(school)s : choisissez un nouveau mot de passe pour %(identifier)s sur %(address)s (Mot de passe oublié)."
    ),
    Text.REMINDER: to_translate("%(school)s : votre compte %(identifier)s est ouvert sur %(address)s"),
    Text.EXISTING_ACCOUNT: OPEN,
}


@dataclass(frozen=True)
class Said:
    """What one message is made of."""

    text: Text
    school: str
    identifier: str
    portal: str
    code: str | None = None
    until: datetime | None = None
    """Local time: when the code is good no more."""


def write_sms(said: Said, language: Language = FRENCH) -> str:
    """The message, of one part: in `language`, else in French where that does not fit.

    Raises:
        PermanentFailure: the address of the portal is too long for any of them.
    """
    for spoken in dict.fromkeys((language, FRENCH)):
        for sentence in _sentences(said):
            for address in _addresses(said):
                text = plainly(translations(spoken).gettext(sentence) % _values(said, address, spoken))
                if fits(text):
                    return text
    raise PermanentFailure(Reason.SMS_TOO_LONG)


def _sentences(said: Said) -> Sequence[str]:
    return CODED if said.code else dict.fromkeys((OTHERS[said.text], OPEN))  # type: ignore[return-value]


def _addresses(said: Said) -> Sequence[str]:
    """That of the page, then without what telephones add by themselves."""
    whole = f"{said.portal}/{PATH}" if said.code else said.portal
    short = next((whole.removeprefix(scheme) for scheme in SCHEMES if whole.startswith(scheme)), whole)
    return whole, short


def _values(said: Said, address: str, language: Language) -> dict[str, str]:
    until = "" if said.until is None else f"{said.until:%d/%m}"
    return {
        "school": said.school,
        "identifier": said.identifier,
        "address": address,
        "code": said.code or "",
        "until": until,
    }
