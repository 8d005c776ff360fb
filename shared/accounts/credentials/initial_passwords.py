"""Initial passwords: drawn at random, easy to read on paper and to type on a phone (R3)."""

import os

from anyascii import anyascii

SYMBOLS = b"abcdefghjkmnpqrtuvwxyz2346789"
"""29 symbols, twelve of which make 58 bits; none can be taken for another: neither 0 nor o, 1 nor l nor i, 5 nor s."""

GROUPS = 3
GROUP_LENGTH = 4

# A byte stands for a symbol when it is under a multiple of 29; the others are thrown away, so that none is likelier.
_FAIR = 256 - 256 % len(SYMBOLS)
_SYMBOL_OF_BYTE = bytes(SYMBOLS[byte % len(SYMBOLS)] for byte in range(256))
_UNFAIR_BYTES = bytes(range(_FAIR, 256))


def draw_initial_password(groups: int = GROUPS) -> str:
    """A new initial password, such as `k7mq-x2hd-9wtb`; nearly 20 bits for each of its `groups`."""
    wanted = groups * GROUP_LENGTH
    symbols = b""
    while len(symbols) < wanted:
        symbols += os.urandom(2 * wanted).translate(_SYMBOL_OF_BYTE, _UNFAIR_BYTES)
    text = symbols[:wanted].decode()
    return "-".join(text[start : start + GROUP_LENGTH] for start in range(0, wanted, GROUP_LENGTH))


def as_typed(text: str) -> str:
    """What somebody typed, without what does not count: capitals, blanks, hyphens of any sort.

    Signs and figures of other keyboards (`ｋ７`, `٧`) are those that they stand for.
    """
    return "".join(filter(str.isalnum, (text if text.isascii() else anyascii(text)).lower()))
