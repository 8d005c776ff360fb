"""Numbers of accounts and places in their list, as short fields of an address or of a form."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection

from shared.notifications.campaigns.selection import Key

SEVEN, LOW_BITS, GOES_ON = 7, 0x7F, 0x80
MOST = 2**31
"""No row has a number so high."""
MOST_BYTES = 10_000
"""Of numbers in one field: those of a printed page, and more."""


def write_key(key: Key) -> str:
    """Where a page of the list begins, as one field."""
    return "|".join(map(str, key))


def read_key(text: str) -> Key | None:
    """The contrary of `write_key`; none when it makes no sense."""
    division, *rest = text.rsplit("|", 3)
    if len(rest) != len(("name", "student", "account")) or not all(is_number(part) for part in rest[1:]):
        return None
    return division, rest[0], int(rest[1]), int(rest[2])


def write_numbers(numbers: Collection[int]) -> str:
    """Numbers as one short word: each as what it has more than the one before, seven bits to a byte."""
    written, before = bytearray(), 0
    for number in sorted(numbers):
        more, before = number - before, number
        while more > LOW_BITS:
            written.append(more & LOW_BITS | GOES_ON)
            more >>= SEVEN
        written.append(more)
    return urlsafe_b64encode(written).rstrip(b"=").decode()


def read_numbers(text: str) -> frozenset[int]:
    """The contrary of `write_numbers`; what makes no sense is passed over."""
    try:
        written = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return frozenset()
    found, number, more, shift = set[int](), 0, 0, 0
    for byte in written[:MOST_BYTES]:
        more |= (byte & LOW_BITS) << shift
        shift += SEVEN
        if not byte & GOES_ON:
            number, more, shift = number + more, 0, 0
            if number >= MOST:
                break
            found.add(number)
    return frozenset(found)


def is_number(text: str) -> bool:
    """Whether it is a number that a row may have."""
    return text.isascii() and text.isdigit() and len(text) < len(str(MOST))
