"""A reference names one notification, and what is mistyped or misread names none."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared.notifications.content.reference import (
    LENGTH,
    NUMBERS,
    SIGNS,
    WrongReference,
    in_groups,
    number_of,
    reference_of,
)

numbers = st.integers(0, NUMBERS - 1)


@given(numbers)
def test_it_names_its_notification_however_it_is_typed(number: int) -> None:
    reference = reference_of(number)
    assert len(reference) == LENGTH
    for typed in (
        reference,
        in_groups(reference),
        reference.lower(),
        f" {in_groups(reference)}\r\n",
        reference[:3] + "-" + reference[3:],
    ):
        assert number_of(typed) == number


WINDOWS = {**dict(zip("23456789", "é\"'(-è_ç", strict=True)), **dict(zip("AQWZM", "QAZW?", strict=True))}
MAC = WINDOWS | {"6": "§", "8": "!"}


@given(numbers, st.sampled_from([WINDOWS, MAC]), st.booleans())
def test_a_scanner_that_takes_the_french_keyboard_for_an_american_one_is_understood(
    number: int, keyboard: dict[str, str], small: bool
) -> None:
    """As scanners come, they press the keys of an American keyboard."""
    reference = reference_of(number)
    typed = "".join(keyboard.get(sign, sign) for sign in reference)
    typed = typed.lower().replace("?", ",") if small else typed
    if any(sign not in SIGNS for sign in typed.upper()):
        assert number_of(f"{typed}\r\n") == number


def test_no_sign_is_taken_for_another() -> None:
    assert not set(SIGNS) & set("0O1IL")


@given(numbers, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1), st.sampled_from(SIGNS), st.sampled_from(SIGNS))
@hypothesis_settings(max_examples=300)
def test_one_or_two_wrong_signs_name_nothing(number: int, place: int, other: int, sign: str, other_sign: str) -> None:
    signs = list(reference_of(number))
    signs[place], signs[other] = sign, other_sign
    if "".join(signs) != reference_of(number):
        with pytest.raises(WrongReference):
            number_of("".join(signs))


@pytest.mark.parametrize("number", [1, 2, 41_233, 2_147_483_647])
def test_signs_that_changed_places_name_nothing(number: int) -> None:
    reference = reference_of(number)
    for one, other in combinations(range(LENGTH), 2):
        signs = list(reference)
        signs[one], signs[other] = signs[other], signs[one]
        if "".join(signs) != reference:
            with pytest.raises(WrongReference):
                number_of("".join(signs))


@pytest.mark.parametrize(
    "typed", ["", "7K2", "7K29QXM4BB", "m.payet", "https://exemple.fr", "😀" * 9, "ſ" * 9, "2" * 10_000]
)
def test_what_is_no_reference_names_nothing(typed: str) -> None:
    with pytest.raises(WrongReference):
        number_of(typed)


def test_letters_that_follow_one_another_look_unlike() -> None:
    for number in range(1, 200):
        pairs = zip(reference_of(number), reference_of(number + 1), strict=True)
        assert sum(one != other for one, other in pairs) >= 4
