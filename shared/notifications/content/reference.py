"""The reference that a letter bears: nine signs that name its notification to whoever holds the envelope. Pure.

It says nothing of the person and opens nothing: whoever reads one must be logged in to the establishment that sent it.
No sign is taken for another (no 0 O 1 I L). Two of the nine prove the others: any two wrong signs, and any two signs
that changed places, are found (a Reed–Solomon code over the 31 signs).
"""

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH, PROOFS, GROUP = 9, 2, 3
_FIRST = LENGTH - PROOFS
NUMBERS = len(SIGNS) ** _FIRST
"""How many notifications can be named."""
_KEYS = ("ÉÈÇ\"'(-§_!AQWZ?,M", "2793456688QAZWMM*")
# What the keys of an American keyboard, on which scanners type unless they are told otherwise, give on a computer whose
# keyboard is French, under Windows or on a Mac; nothing gives `M`.
_ON_A_FRENCH_KEYBOARD = str.maketrans(*_KEYS)
# Neighbours do not look alike, so that one is not read for the other; it hides nothing.
_SPREAD = 11_400_714_819 % NUMBERS
_BACK = pow(_SPREAD, -1, NUMBERS)


class WrongReference(ValueError):
    """What was typed or scanned is no reference of a letter."""


def reference_of(number: int) -> str:
    """The reference of the notification of this number.

    Raises:
        ValueError: it is negative, or too high to be named.
    """
    if not 0 <= number < NUMBERS:
        raise ValueError(f"no reference for the notification {number}")
    rest, values = number * _SPREAD % NUMBERS, [0] * _FIRST
    for place in reversed(range(_FIRST)):
        rest, values[place] = divmod(rest, len(SIGNS))
    return "".join(SIGNS[value] for value in (*values, *_proofs(values)))


def in_groups(reference: str) -> str:
    """As people read it: « 7K2 9QX M4B »."""
    return " ".join(reference[first : first + GROUP] for first in range(0, len(reference), GROUP))


def number_of(typed: str) -> int:
    """The number of the notification that `typed` names, in small or capital letters, with or without spaces.

    Raises:
        WrongReference: it has not nine signs, or they do not agree.
    """
    scanned = "".join(typed.upper().split())
    signs = scanned.replace("-", "")
    if not _could_be(signs):
        # Only where it cannot be what is written: so no slip of whoever types is guessed at.
        signs = scanned.translate(_ON_A_FRENCH_KEYBOARD)
    if not _could_be(signs):
        raise WrongReference
    *values, one, other = map(SIGNS.index, signs)
    if (one, other) != _proofs(values):
        raise WrongReference
    number = 0
    for value in values:
        number = number * len(SIGNS) + value
    return number * _BACK % NUMBERS


def _could_be(signs: str) -> bool:
    return len(signs) == LENGTH and set(signs) <= set(SIGNS)


def _proofs(values: list[int]) -> tuple[int, int]:
    """Two signs with which the sum of all nine, and their sum each times its place, are nothing modulo 31."""
    total = sum(values)
    weighted = sum(place * value for place, value in enumerate(values))
    other = (_FIRST * total - weighted) % len(SIGNS)
    return (-total - other) % len(SIGNS), other
