"""What a message says, in one part, in the language of the family: the address of the portal, a code, no password."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain

from jinja2 import Environment

from shared.accounts.without_letter.codes import PATH
from shared.languages import FRENCH, Language
from shared.models.notifications import Text
from shared.models.reasons import Reason
from shared.notifications.content.environments import speaking
from shared.notifications.outbox.leases import PermanentFailure
from shared.notifications.sms.alphabet import fits, plainly

SCHEMES = "https://", "http://"


@dataclass(frozen=True)
class Said:
    """What one message is made of."""

    text: Text
    """Its sentences are in `templates/sms`, under its name; those of a new account need a code."""
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
        for text in _written(said, spoken):
            if fits(text):
                return text
    raise PermanentFailure(Reason.SMS_TOO_LONG)


def _written(said: Said, language: Language) -> Iterator[str]:
    """The longest sentence first, each with the whole address first."""
    name = said.text if said.code or said.text is not Text.NEW_ACCOUNT else Text.EXISTING_ACCOUNT
    template = _environment(language).get_template(f"{name}.jinja")
    ways = [[*map(plainly, template.render(_values(said, address)).splitlines())] for address in _addresses(said)]
    return chain.from_iterable(zip(*ways, strict=True))


def _addresses(said: Said) -> Sequence[str]:
    """That of the page, then without what telephones add by themselves."""
    whole = f"{said.portal}/{PATH}" if said.code else said.portal
    short = next((whole.removeprefix(scheme) for scheme in SCHEMES if whole.startswith(scheme)), whole)
    return whole, short


def _values(said: Said, address: str) -> dict[str, str]:
    return {
        "school": said.school,
        "identifier": said.identifier,
        "address": address,
        "code": said.code or "",
        "until": "" if said.until is None else f"{said.until:%d/%m}",
    }


@cache
def _environment(language: Language) -> Environment:
    return speaking("sms", language, escapes=False)
