"""The country of an address is written whenever a field names it and it is not France (case 08)."""

import pytest

from shared.siecle.values.countries import country_of
from shared.siecle.values.country_codes import COUNTRIES


@pytest.mark.parametrize(
    ("code", "name", "country"),
    [
        ("132", "", "Royaume-Uni"),
        ("99132", "", "Royaume-Uni"),
        ("", "BELGIQUE", "BELGIQUE"),
        ("131", "BELGIQUE", "BELGIQUE"),
        ("333", "MADAGASCAR", "MADAGASCAR"),
        ("999", "SUISSE", "SUISSE"),
        ("131", "-", "Belgique"),
        ("445", "", "Saint-Martin (partie néerlandaise)"),
        ("", "SAINT-MARTIN (PARTIE NEERLANDAISE)", "SAINT-MARTIN (PARTIE NEERLANDAISE)"),
    ],
)
def test_a_country_that_either_field_names_is_written(code: str, name: str, country: str) -> None:
    assert country_of(code, name) == (country, None)


OVERSEAS = ("LA REUNION", "ÎLE DE LA RÉUNION", "Mayotte", "NOUVELLE-CALEDONIE", "Polynésie française")


@pytest.mark.parametrize("code", ["", "100", "99100", "974", "976", "988", "987", "97411"])
@pytest.mark.parametrize("name", ["", "FRANCE", "France métropolitaine", *OVERSEAS, "ST PIERRE ET MIQUELON", "-"])
def test_france_and_its_parts_are_no_country_on_a_letter(code: str, name: str) -> None:
    assert country_of(code, name) == (None, None)


@pytest.mark.parametrize("code", ["999", "000", "ZZZ", "1", "115"])
def test_a_code_of_no_country_is_told(code: str) -> None:
    country, said = country_of(code, "")
    assert country is None
    assert said is not None
    assert "CODE_PAYS" in said


@pytest.mark.parametrize(
    ("code", "name", "country"), [("100", "BELGIQUE", "BELGIQUE"), ("132", "FRANCE", "Royaume-Uni")]
)
def test_two_fields_that_disagree_are_told_and_the_letter_leaves_france(code: str, name: str, country: str) -> None:
    found, said = country_of(code, name)
    assert found == country
    assert said is not None
    assert "CODE_PAYS et LL_PAYS" in said


def test_every_code_has_three_digits_and_a_name() -> None:
    assert all(len(code) == 3 and code.isdigit() and name.strip() == name != "" for code, name in COUNTRIES.items())
    assert len(set(COUNTRIES.values())) == len(COUNTRIES) > 200
