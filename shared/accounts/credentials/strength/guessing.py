"""How many guesses a password takes: zxcvbn, told what it does not know about France.

Its dictionaries are English. French words, names, towns and postcodes join them, the French keyboard, the years since
it was written, and sentences. All this takes 30 MiB: import this module where a password is judged, most processes
never need it.
"""

import enum
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from math import prod
from typing import Any

from zxcvbn import matching, scoring

from shared.accounts.credentials.strength.dictionary import is_one_word
from shared.accounts.credentials.strength.keyboards import walks
from shared.accounts.credentials.strength.leaks import is_fingerprint, is_leaked
from shared.accounts.credentials.strength.sentences import COMMON_WORDS, sentences
from shared.accounts.credentials.strength.vocabulary import azerty, french_lists, squeeze, unaccented

JUDGED_CHARACTERS = 40
"""Looking takes time that grows with the length; the beginning of a long password is enough to judge it."""
MOST_READINGS = 24
"""Signs that may each stand for several letters: beyond so many readings, no word is looked for behind them."""
SHORTEST_PRIVATE_WORD = 3
EASY_GUESSES = 10**9
"""Two words drawn at random; twelve random signs that hold one by chance take more."""
EASY_GUESSES_OF_PIECES = 10**10
"""Three of the commonest words; four drawn at random take a hundred times more."""
FEW_UNKNOWN = 4
GUESSES_OF_LEAKED = 10**7
"""Four million leaked passwords, each with the endings that are tried first."""
GUESSES_OF_ONE_WORD = 10**7
"""A dictionary of 300,000 words, each with the endings that are tried first."""
FINGERPRINTED_WORDS = 20_000

_PRIVATE = "private"
_SENTENCE = "sentence"
_WALK = "walk"
_YEARS = re.compile(r"19\d\d|20[0-4]\d")
_BETWEEN_WORDS = re.compile(r"(?<=[^\W_])[._-](?=[^\W_])")

Ranks = Mapping[str, int]
# One of zxcvbn's: a dictionary whose keys depend on its pattern.
Match = dict[str, Any]


class Pattern(enum.Enum):
    """What the greater part of a password is made of."""

    WORDS = enum.auto()
    SENTENCE = enum.auto()
    PRIVATE = enum.auto()
    KEYS = enum.auto()
    """A walk along the keyboard, a run of letters or figures, a repetition, a date."""
    LEAKED = enum.auto()
    """It was found in public lists of stolen passwords, or is the fingerprint (MD5…) of a common one."""
    OTHER = enum.auto()


_PATTERNS = {
    "dictionary": Pattern.WORDS,
    "spatial": Pattern.KEYS,
    "sequence": Pattern.KEYS,
    "repeat": Pattern.KEYS,
    "regex": Pattern.KEYS,
    "date": Pattern.KEYS,
}


def _tell_zxcvbn() -> None:
    """Give the library what is French: in its own tables, which it uses itself for what a repetition repeats.

    Its dictionaries become one, in which each word has its best rank: looking takes a seventh of the time.
    """
    known = matching.RANKED_DICTIONARIES
    words: dict[str, int] = {}
    for ranked in chain(known.values(), map(matching.build_ranked_dict, french_lists().values())):
        for word, rank in ranked.items():
            words[word] = min(rank, words.get(word, rank))
    known.clear()
    known["words"] = words
    matching.GRAPHS["azerty"] = azerty()
    # Nobody here has such a keyboard, and letters drawn at random look like walks on one keyboard or another.
    del matching.GRAPHS["dvorak"]
    matching.REGEXEN["recent_year"] = _YEARS


_tell_zxcvbn()
_COMMON = matching.build_ranked_dict(french_lists()["words"][:COMMON_WORDS])
_FINGERPRINTED = sorted(words := matching.RANKED_DICTIONARIES["words"], key=words.__getitem__)[:FINGERPRINTED_WORDS]


@dataclass(frozen=True)
class Judgement:
    """The guesses that a password takes from somebody who tries the likeliest first, and what it is made of."""

    guesses: int
    pattern: Pattern
    unknown: int = 0
    """How many of its signs belong to nothing known."""

    @property
    def is_easy(self) -> bool:
        """Whether it would be found: sooner, when it is put together from known pieces alone."""
        return self.guesses < (EASY_GUESSES_OF_PIECES if self.unknown <= FEW_UNKNOWN else EASY_GUESSES)


def judge(password: str, private: Iterable[str] = ()) -> Judgement:
    """Judge `password`; `private` are names that somebody who knows its holder would try (children, school)."""
    written = unaccented(password)[:JUDGED_CHARACTERS]
    ranks = {word: rank for rank, word in enumerate(dict.fromkeys(_private_words(private)), 1)}
    text = _without_separators(written)
    # zxcvbn judges what is repeated by its own tables, which hold nothing private.
    unit = text[: (text + text).find(text, 1)]
    judgement = _judge(unit, ranks, times=max(1, len(text) // max(1, len(unit))))
    # Looked up last: what a password is made of tells its holder more.
    if judgement.is_easy:
        return judgement
    if is_one_word(password):
        return Judgement(GUESSES_OF_ONE_WORD, Pattern.WORDS)
    if is_leaked(password) or is_fingerprint(password, _FINGERPRINTED):
        return Judgement(GUESSES_OF_LEAKED, Pattern.LEAKED)
    return judgement


def _private_words(private: Iterable[str]) -> Iterator[str]:
    for text in private:
        words = [squeezed for word in re.split(r"[\W_]+", text) if (squeezed := squeeze(word))]
        neighbours = ["".join(pair) for pair in pairwise(words)]
        yield from (word for word in ["".join(words), *words, *neighbours] if len(word) >= SHORTEST_PRIVATE_WORD)


def _without_separators(text: str) -> str:
    """`text` without blanks and apostrophes, nor what else separates its words, if it is the same sign everywhere."""
    bare = re.sub(r"[ '’]", "", text)
    separators = set(_BETWEEN_WORDS.findall(bare))
    return _BETWEEN_WORDS.sub("", bare) if len(separators) == 1 else bare


def _judge(text: str, private: Ranks, times: int) -> Judgement:
    if not text:
        return Judgement(1, Pattern.OTHER)
    matches = _matches(text, private)
    result: Any = scoring.most_guessable_match_sequence(text, matches)
    signs: Counter[Pattern] = Counter()
    for match in result["sequence"]:
        signs[_pattern(match)] += len(match["token"])
    pattern = _main_pattern(signs, matches, len(text))
    if times > 1 and pattern is not Pattern.PRIVATE:
        pattern = Pattern.KEYS
    return Judgement(int(result["guesses"]) * times, pattern, signs[Pattern.OTHER])


def _main_pattern(signs: Counter[Pattern], matches: list[Any], length: int) -> Pattern:
    """The pattern that is told: what names the holder's family before all, then what most signs belong to."""
    if signs[Pattern.PRIVATE]:
        return Pattern.PRIVATE
    # `azertyuiop` is a word of the lists, being so common.
    walked = max((len(match["token"]) for match in matches if match["pattern"] == "spatial"), default=0)
    return Pattern.KEYS if 2 * walked >= length else signs.most_common(1)[0][0]


def _pattern(match: Match) -> Pattern:
    named = {_PRIVATE: Pattern.PRIVATE, _SENTENCE: Pattern.SENTENCE, _WALK: Pattern.KEYS}
    by_dictionary = named.get(match.get("dictionary_name", ""))
    return by_dictionary or _PATTERNS.get(match["pattern"], Pattern.OTHER)


def _matches(text: str, private: Ranks) -> list[Any]:
    dictionaries = matching.RANKED_DICTIONARIES | {_PRIVATE: dict(private)}
    table = matching.relevant_l33t_subtable(text, matching.L33T_TABLE)
    is_readable = prod(len(signs) for signs in table.values()) <= MOST_READINGS
    substitutions = [sub for sub in matching.enumerate_l33t_subs(table) if sub] if is_readable else []
    found: list[Any] = [*_sentence_matches(text, {}), *_walk_matches(text)]
    for substitution in substitutions:
        found += _sentence_matches(matching.translate(text, substitution), substitution)
    if is_readable:
        return found + matching.omnimatch(text, dictionaries)
    # What looks behind every sign, and at repetitions in the same way, would take seconds.
    found += matching.dictionary_match(text, dictionaries) + matching.reverse_dictionary_match(text, dictionaries)
    return found + matching.spatial_match(text) + matching.sequence_match(text) + matching.date_match(text)


def _sentence_matches(text: str, substitution: Mapping[str, str]) -> Iterator[Match]:
    for one in sentences(text.lower(), _COMMON):
        yield _found(text, one.start, one.end, one.guesses, _SENTENCE, substitution)


def _walk_matches(text: str) -> Iterator[Match]:
    stretches = [(match["i"], match["j"] + 1) for match in matching.spatial_match(text.lower())]
    for one in walks(stretches):
        yield _found(text, one.start, one.end, one.guesses, _WALK, {})


def _found(text: str, start: int, end: int, rank: int, name: str, substitution: Mapping[str, str]) -> Match:
    """What was found in `text`, as zxcvbn writes the words it finds."""
    token = text[start:end]
    return {
        "pattern": "dictionary",
        "i": start,
        "j": end - 1,
        "token": token,
        "matched_word": token.lower(),
        "rank": rank,
        "dictionary_name": name,
        "reversed": False,
        "l33t": bool(substitution),
        "sub": dict(substitution),
    }
