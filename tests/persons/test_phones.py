"""A telephone number is one number however it is written, in each territory (issue of November 2026)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.persons.phones import phone_in, phone_key, plan_of_school

REUNION, NEW_CALEDONIA, POLYNESIA = "9740001A", "9830001A", "9840001A"


def forms(national: str, code: str) -> list[str]:
    """The ways in which people write a number of ten digits."""
    nine = national[1:]
    pairs = [national[start : start + 2] for start in range(0, 10, 2)]
    return [
        *(sign.join(pairs) for sign in ("", " ", ".", "-", "/", "\u00a0")),
        f"{national[:4]} {national[4:6]} {national[6:8]} {national[8:]}",
        *(f"{plus}{code}{nine}" for plus in ("+", "00", "")),
        *(f"+{code}{trunk}{nine}" for trunk in (" (0)", " (0) ", " 0", "(0)")),
        nine,
        f"{national} (mère)",
        f"Tél : {national}",
        f"{national} / 0262 99 88 77",
        f"{national} ou 0612345678",
    ]


@pytest.mark.parametrize(
    ("national", "code", "kept"),
    [
        ("0262123456", "262", "0262 12 34 56"),
        ("0692123456", "262", "0692 12 34 56"),
        ("0693123456", "262", "0693 12 34 56"),
        ("0269612345", "262", "0269 61 23 45"),
        ("0639123456", "262", "0639 12 34 56"),
        ("0590123456", "590", "0590 12 34 56"),
        ("0696123456", "596", "0696 12 34 56"),
        ("0694123456", "594", "0694 12 34 56"),
        ("0612345678", "33", "06 12 34 56 78"),
        ("0145678901", "33", "01 45 67 89 01"),
        ("0769123456", "33", "07 69 12 34 56"),
        # Written as in mainland France, which is dialled as well.
        ("0692123456", "33", "0692 12 34 56"),
    ],
)
def test_a_french_number_has_one_form_however_it_is_written(national: str, code: str, kept: str) -> None:
    for written in forms(national, code):
        for plan in (None, "687", "689"):
            assert phone_in(written, plan) == kept, (written, plan)
        assert phone_key(written) == phone_key(kept) != "", written


@pytest.mark.parametrize(
    ("uai", "written", "kept"),
    [
        (POLYNESIA, "87 12 34 56", "+689 87 12 34 56"),
        (POLYNESIA, "40.50.12.34", "+689 40 50 12 34"),
        (POLYNESIA, "00689 87123456", "+689 87 12 34 56"),
        (NEW_CALEDONIA, "75 12 34", "+687 75 12 34"),
        (NEW_CALEDONIA, "+687.75.12.34", "+687 75 12 34"),
        ("9860001A", "821234", "+681 82 12 34"),
        ("9750001A", "551234", "+508 55 12 34"),
    ],
)
def test_the_school_tells_which_territory_a_short_number_is_of(uai: str, written: str, kept: str) -> None:
    assert phone_in(written, plan_of_school(uai)) == kept
    assert phone_key(written) == phone_key(kept)


def test_a_number_of_nine_digits_with_the_code_of_a_territory_is_that_territorys() -> None:
    assert phone_in("687751234", plan_of_school(NEW_CALEDONIA)) == "+687 75 12 34"
    assert phone_in("687751234", plan_of_school(REUNION)) == "06 87 75 12 34"


@pytest.mark.parametrize("written", ["87123456", "751234"])
def test_a_short_number_is_none_elsewhere(written: str) -> None:
    assert phone_in(written, plan_of_school(REUNION)) is None


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+44 20 7946 0018", "+44 20 7946 0018"),
        ("0044 2079460018", "+44 20 7946 0018"),
        ("+230 5712 3456", "+230 5712 3456"),
        ("+269 321 23 45", "+269 321 23 45"),
    ],
)
def test_a_number_abroad_keeps_its_country(written: str, kept: str) -> None:
    assert phone_in(written) == kept


@pytest.mark.parametrize(
    "written", ["", "06", "0000000000", "0666666666666", "1111111111", "liste rouge", "+", "99999999999999"]
)
def test_what_is_no_number_is_not_made_one(written: str) -> None:
    assert phone_in(written) is None


@pytest.mark.parametrize("written", ["", "06", "0000000000", "00.00.00.00.00", "liste rouge", "9999999999"])
def test_what_is_no_number_ties_nobody(written: str) -> None:
    assert phone_key(written) == ""


@given(st.text(max_size=60))
def test_what_was_kept_is_kept_and_ties_as_before(written: str) -> None:
    kept = phone_in(written)
    if kept is not None:
        assert phone_in(kept) == kept
        assert phone_key(kept) == phone_key(written)
        assert len(kept) <= 30
