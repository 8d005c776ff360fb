"""The last part of an address that a mail carries: `SECRET_KEY` and the row that it stands for give it together."""

import hashlib
import hmac
from itertools import takewhile

from shared.config import Settings

_LENGTH = 40
_SIGNS = frozenset("0123456789abcdef")
_MOST_NUMBER = 2**31 - 1


def signature(settings: Settings, purpose: str, *of_row: object) -> str:
    """What proves that we wrote an address, from what its row holds: a number, a random part that is mailed nowhere."""
    signed = "|".join(map(str, of_row))
    return hmac.new(settings.signing_key(purpose).encode(), signed.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def is_signature(given: str, expected: str) -> bool:
    """Whether what an address ends with is the signature expected; takes the same time whatever was given."""
    # Of anything but ASCII, compare_digest wants bytes; a lone surrogate has none, and makes it wrong anyway.
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def proof_in(copied: str) -> str:
    """The signature that an address ends with, without what was copied along: a full stop, a bracket, a blank."""
    return "".join(takewhile(_SIGNS.__contains__, copied))


def numbered(number: int, proof: str) -> str:
    """The last part of an address that names its row."""
    return f"{number}-{proof}"


def number_and_proof(token: str) -> tuple[int | None, str]:
    """The row that such a part names, none when it names nothing that could be one, and its proof."""
    number, _, rest = token.partition("-")
    proof = proof_in(rest)
    if not (number.isascii() and number.isdigit() and len(number) <= len(str(_MOST_NUMBER))):
        return None, proof
    return (int(number) if int(number) <= _MOST_NUMBER else None), proof
