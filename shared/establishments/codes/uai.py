"""The UAI of an establishment: seven digits, and a letter that checks them. Pure."""

import re

CHECK_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""The letter is the one whose place here is the rest of the seven digits divided by 23."""
_FORM = re.compile(r"[0-9]{7}[A-Z]")


def has_form(text: str) -> bool:
    """Whether `text` is seven digits and a capital letter, be it the right one or not."""
    return _FORM.fullmatch(text) is not None


def uai_of(number: int) -> str:
    """The seven digits of `number` and their check letter: `9740045` → `9740045F`."""
    return f"{number:07d}{CHECK_LETTERS[number % len(CHECK_LETTERS)]}"


def is_uai(text: str) -> bool:
    """Whether `text` is a UAI: its letter is the one that its digits give."""
    return has_form(text) and text == uai_of(int(text[:-1]))
