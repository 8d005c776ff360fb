"""Whether a password is one word of a French dictionary, however rare: 300,000 words are soon tried.

The words lie on the disk as fingerprints of five bytes, sorted: looking one up reads a few pages of a file that all
processes share, and keeps nothing in memory. `tests/accounts/credentials/strength/make_lists.py` writes the file.
"""

import mmap
import re
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from itertools import takewhile

from shared.accounts.credentials.strength.vocabulary import LISTS, squeeze, unaccented

FILE = LISTS / "dictionary.bin"
FINGERPRINT_BYTES = 5
"""Of 300,000, one in four million words made up has the fingerprint of another one."""
SHORTEST_WORD = 8
"""Letters; shorter ones need more of something else than an ending to be long enough."""
LONGEST_ENDING = 5
"""Figures and signs after the last letter: `!`, `2026`, `97400`."""
_INFLECTIONS = ("", "s", "e", "es")
"""Of words that the dictionary may have in one form only."""
_WITHIN_WORDS = re.compile("[-'’]")


def fingerprints(words: Iterable[str]) -> bytes:
    """What the file holds for these words, those that are long enough."""
    squeezed = {squeeze(word) for word in words}
    return b"".join(sorted({_fingerprint(word) for word in squeezed if len(word) >= SHORTEST_WORD and word.isalpha()}))


def is_one_word(password: str) -> bool:
    """Whether `password` is one French word, in capitals or not, with its accents or without, or one with an ending."""
    signs = sum(1 for _ in takewhile(lambda sign: not sign.isalpha(), reversed(password)))
    word = unaccented(_WITHIN_WORDS.sub("", password[: len(password) - signs])).lower()
    if signs > LONGEST_ENDING or len(word) < SHORTEST_WORD or not (word.isascii() and word.isalpha()):
        return False
    wanted = [_fingerprint(word.removesuffix(ending)) for ending in _INFLECTIONS if word.endswith(ending)]
    with FILE.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        known = _Records(content)
        return any(known.hold(one) for one in wanted)


class _Records:
    """The fingerprints of the file, read only where they are looked at."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content) // FINGERPRINT_BYTES

    def __getitem__(self, place: int) -> bytes:
        return self._content[place * FINGERPRINT_BYTES : (place + 1) * FINGERPRINT_BYTES]

    def hold(self, fingerprint: bytes) -> bool:
        place = bisect_left(self, fingerprint)
        return place < len(self) and self[place] == fingerprint


def _fingerprint(word: str) -> bytes:
    return blake2b(word.encode(), digest_size=FINGERPRINT_BYTES).digest()
