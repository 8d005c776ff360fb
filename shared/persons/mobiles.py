"""Which telephone numbers a message may be sent to: mobile ones of France, overseas included. Pure functions.

The plans of all countries are loaded by the first number that is looked at: the portal rings this channel's worker, and
looks at none.
"""

from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.models.reasons import Reason

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

FRANCE = ("FR", "RE", "YT", "GP", "BL", "MF", "GF", "MQ", "PM", "WF", "NC", "PF")
"""Metropolitan France, and the departments and collectivities overseas: ten digits tell which, or a country code."""


def mobile_in(written: str, countries: Collection[str] = ()) -> str | Reason:
    """The number as gateways take it, `+262692123456`, or why no message is sent there.

    `countries` are those whose numbers are written to beside France, by their two letters.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberType

    number = _valid_number(written)
    if number is None:
        return Reason.UNREADABLE_NUMBER
    if phonenumbers.region_code_for_number(number) not in {*FRANCE, *countries}:
        return Reason.FOREIGN_NUMBER
    if phonenumbers.number_type(number) not in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}:
        return Reason.NOT_A_MOBILE
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown(written: str | None) -> str:
    """The number as staff read it; empty when there is none."""
    return " ".join((written or "").split())


@lru_cache(maxsize=16_384)
def _valid_number(written: str) -> "PhoneNumber | None":
    import phonenumbers

    for region in FRANCE:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            return None
        if phonenumbers.is_valid_number(number):
            return number
    return None
