"""Telephone numbers, which schools write in many ways: one form in the school base. Pure functions."""

import re
from functools import lru_cache

LONGEST = 100

_NOT_DIALLED = re.compile(r"[^0-9+]")
_TRUNK = re.compile(r"\(\s*0\s*\)")
_BETWEEN_NUMBERS = re.compile(r"[/;,|&]|\bou\b|\bet\b|\bpuis\b|(?<=\d)\s+-\s+(?=\d)|(?<=\d)\s*(?=\+)", re.IGNORECASE)
_NATIONAL = re.compile(r"[1-9][0-9]{8}")
_NOT_DIGITS = re.compile(r"\D+")

FRANCE_AND_OVERSEAS = ("33", "262", "590", "594", "596")
"""Country codes that share one plan of ten digits: a number is dialled the same from any of them."""
_SHORT_PLANS = {"508": 6, "681": 6, "687": 6, "689": 8}
"""Saint-Pierre-et-Miquelon, Wallis-et-Futuna, Nouvelle-Calédonie, Polynésie française, and how many digits each has."""
_PLAN_OF_SCHOOLS = {"975": "508", "986": "681", "983": "687", "984": "689"}
"""The first three digits of a UAI are the département, or the territory."""
_OVERSEAS = re.compile(r"(?:262|263|269|590|594|596|69[0-9]|639|709)")
"""How the nine digits of a number overseas begin, which is read in two parts of four and six digits."""


def plan_of_school(uai: str | None) -> str | None:
    """The country code that a number without one has in this school, where it is not the plan of ten digits."""
    return _PLAN_OF_SCHOOLS.get((uai or "")[:3])


@lru_cache(maxsize=16_384)
def phone_in(written: str, plan: str | None = None) -> str | None:
    """The number in the one form in which numbers are kept, `0692 12 34 56` or `+689 87 12 34 56`; None when unread.

    A number of the French plan, overseas included, is written with ten digits, any other one with its country code.
    `plan` is that of the school, for the territories whose numbers are shorter. Of several numbers, the first.
    """
    written = written[:LONGEST]
    whole = _one_number(written, plan)
    if whole is not None:
        return whole
    parts = _BETWEEN_NUMBERS.split(written)
    return next((number for part in parts if (number := _one_number(part, plan))), None) if len(parts) > 1 else None


@lru_cache(maxsize=16_384)
def phone_key(phone: str) -> str:
    """The same text for the same number, however it is written; empty for what is no number, and ties nobody.

    Also for numbers that were kept as they were written, before they were read or because they could not be.
    """
    digits = _NOT_DIGITS.sub("", phone_in(phone) or phone)
    for code, length in _SHORT_PLANS.items():
        if len(digits) == len(code) + length and digits.startswith(code):
            digits = digits[len(code) :]
    digits = digits.lstrip("0")
    return digits if len(digits) >= min(_SHORT_PLANS.values()) and len(set(digits)) > 1 else ""


def _one_number(written: str, plan: str | None) -> str | None:
    dialled = _NOT_DIALLED.sub("", _TRUNK.sub("", written))
    if "+" in dialled[1:]:
        return None
    if dialled.startswith("00"):
        dialled = f"+{dialled[2:]}"
    if not dialled.startswith("+"):
        return _local(dialled, plan)
    return _with_country(dialled[1:])


def _local(digits: str, plan: str | None) -> str | None:
    if plan is not None and len(digits) == _SHORT_PLANS[plan]:
        return _of_short_plan(plan, digits)
    if plan is not None and digits.startswith(plan) and len(digits) == len(plan) + _SHORT_PLANS[plan]:
        return _of_short_plan(plan, digits.removeprefix(plan))
    # A spreadsheet takes the first zero away, and people leave the plus out.
    if len(digits) in {9, 10}:
        return _french(digits)
    return _with_country(digits) if digits.startswith((*FRANCE_AND_OVERSEAS, *_SHORT_PLANS)) else None


def _with_country(digits: str) -> str | None:
    for code in FRANCE_AND_OVERSEAS:
        if digits.startswith(code):
            return _french(digits[len(code) :])
    for code in _SHORT_PLANS:
        if digits.startswith(code):
            return _of_short_plan(code, digits[len(code) :])
    return _foreign(digits)


def _french(digits: str) -> str | None:
    national = digits[1:] if digits.startswith("0") else digits
    if not _NATIONAL.fullmatch(national) or len(set(national)) == 1:
        return None
    if _OVERSEAS.match(national):
        return f"0{national[:3]} {_in_pairs(national[3:])}"
    return _in_pairs(f"0{national}")


def _of_short_plan(code: str, digits: str) -> str | None:
    if len(digits) != _SHORT_PLANS[code] or len(set(digits)) == 1:
        return None
    return f"+{code} {_in_pairs(digits)}"


def _foreign(digits: str) -> str | None:
    # The plans of all countries, which few numbers need.
    import phonenumbers

    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _in_pairs(digits: str) -> str:
    return " ".join(digits[start : start + 2] for start in range(0, len(digits), 2))
