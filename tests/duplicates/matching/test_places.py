"""R12: one address is one however it was abbreviated, and another number, or another street, is another."""

import pytest

from shared.duplicates.matching.matcher import Matcher
from shared.duplicates.matching.parameters import SCALES
from shared.duplicates.matching.places import place_in, place_of
from tests.benchmarks.duplicates_elsewhere import Base


@pytest.mark.parametrize(
    ("written", "number", "way"),
    [
        (("12 AV GAL DE GAULLE",), "12", "general gaulle"),
        (("12bis, avenue du Général de Gaulle", None), "12", "general gaulle"),
        (("12 B RUE PASTEUR",), "12", "pasteur"),
        (("APPT 3 BAT A", "40 CH. DES VACOAS"), "40", "vacoas"),
        (("RESIDENCE LES ALIZES APPT 12",), "12", "alizes"),
        ((None, None), "", ""),
    ],
)
def test_number_and_street(written: tuple[str | None, ...], number: str, way: str) -> None:
    place = place_in(written)
    assert (place.number, place.way) == (number, way)


def test_an_address_without_lines_is_none_and_a_postal_code_tells_two_apart() -> None:
    assert place_of((None, "97400")) == ""
    assert (
        place_of(("3 ch. Neuf", "97400")) == place_of(("3 CHEMIN NEUF", "97400")) != place_of(("3 ch. Neuf", "97410"))
    )


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("12 RUE PASTEUR", "97400"), ("12 r. Pasteur", "97400"), "same"),
        (("12 RUE PASTEUR", "97400"), ("12 RUE PASTER", "97400"), "near"),
        (("APPT 12 BAT B RES LES ALIZES", "97400"), ("BAT B APPT 12 RESIDENCE LES ALIZES", "97400"), "near"),
        (("12 RUE PASTEUR", "97400"), ("48 RUE PASTEUR", "97400"), "way"),
        (("12 RUE PASTEUR", "97400"), ("48 RUE PASTEUR", "13005"), "different"),
        (("12 RUE PASTEUR", "97400"), ("12 RUE PASTEUR", "13005"), "elsewhere"),
        (("12 RUE PASTEUR", "97400"), ("12 RUE DES AZALEES", "97400"), "number"),
        (("12 RUE DES AZALEES", "97400"), ("8 RUE DES ALOES", "97400"), "different"),
        (("12 RUE PASTEUR", "97400"), (None, None), "missing"),
    ],
)
def test_how_alike_two_addresses_are(one: tuple[str, str], other: tuple[str | None, str | None], level: str) -> None:
    base = Base()
    for line, postal in (one, other):
        base.guardian("x", lines=(line,), family_name="TECHER", first_name="Anne", postal_code=postal)
    assert SCALES["street"][Matcher(base.fiches()).compared.levels["street"][0]] == level
