"""Sentences of very common words: `lavieestbelle` is four words, and one of the first things that are tried.

zxcvbn takes words that follow each other for words drawn at random. These are not: a little word (« la », « est »)
among the commonest ones is grammar. Such a run is counted as one word whose rank is the product of the ranks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

COMMON_WORDS = 5000
MOST_GUESSES = 10**8
LITTLE_WORDS = frozenset(
    "a ai as au c ca ce ces d de des du elle en es est et eux il ils j je l la le les leur lui m ma me mes moi mon n ne"  # noqa: SIM905 - as words are read
    " nos notre nous on ou pas pour qu que qui s sa se ses si son sont suis sur t ta te tes toi ton tres tu un une va"
    " vos votre vous y".split()
)
_LETTERS = re.compile(r"[a-z]{6,}")
_ELIDED = frozenset({"c", "d", "j", "l", "m", "n", "s", "t", "qu"})
_VOWELS = frozenset("aeiouyh")
_SHORTEST_OTHER_WORD = 3


@dataclass(frozen=True)
class Sentence:
    """Common words that follow each other in `text[start:end]`, and how many guesses they take together."""

    start: int
    end: int
    guesses: int


def sentences(text: str, ranks: Mapping[str, int]) -> Iterator[Sentence]:
    """Every run of letters of `text`, lower case, that is a sentence from its first letter to its last.

    A few words that happen to make sense among others drawn at random are none.
    """
    for run in _LETTERS.finditer(text):
        guesses = _cheapest_reading(run[0], ranks)
        if guesses is not None:
            yield Sentence(run.start(), run.end(), guesses)


def _cheapest_reading(text: str, ranks: Mapping[str, int]) -> int | None:
    """The smallest product of ranks of words that make `text`, a little word among them; none above the most."""
    # For each place reached: the fewest guesses without a little word so far, and with one.
    plain: dict[int, int] = {0: 1}
    little: dict[int, int] = {}
    for end in range(1, len(text) + 1):
        for begin in {place for place in (*plain, *little) if place < end}:
            rank = _rank(text, begin, end, ranks)
            if rank is None:
                continue
            for before in (plain, little):
                if begin in before:
                    is_little = before is little or text[begin:end] in LITTLE_WORDS
                    after = little if is_little else plain
                    after[end] = min(before[begin] * rank, after.get(end, MOST_GUESSES))
    guesses = little.get(len(text), MOST_GUESSES)
    return guesses if guesses < MOST_GUESSES else None


def _rank(text: str, begin: int, end: int, ranks: Mapping[str, int]) -> int | None:
    """The rank of `text[begin:end]`, if a word of a sentence can stand there."""
    word = text[begin:end]
    if word in _ELIDED:
        return len(_ELIDED) if text[end : end + 1] in _VOWELS else None
    if len(word) < _SHORTEST_OTHER_WORD and word not in LITTLE_WORDS:
        return None
    return ranks.get(word)
