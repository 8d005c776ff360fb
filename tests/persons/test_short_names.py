"""R12: a short form of a first name is one of that name, and of no other."""

import pytest

from shared.persons.short_names import is_short_for


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("fred", "frederic"),
        ("m", "mireille"),
        ("manu", "emmanuel"),
        ("babeth", "elisabeth"),
        ("seb", "sebastien marie"),
    ],
)
def test_first_letters_initials_and_what_is_listed(short: str, name: str) -> None:
    assert is_short_for(short, name)


@pytest.mark.parametrize(
    ("other", "name"),
    [("jo", "john"), ("marie", "anne marie"), ("fredo", "frederic"), ("manu", "paul"), ("eric", "frederic")],
)
def test_what_is_none(other: str, name: str) -> None:
    assert not is_short_for(other, name)
