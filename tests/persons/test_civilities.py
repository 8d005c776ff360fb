"""Files write civilities in many ways; families read two words."""

import pytest

from shared.persons.civilities import MAN, WOMAN, addressed, civility_in, spoken


@pytest.mark.parametrize(
    ("written", "civility"),
    [
        *[(form, MAN) for form in ("M.", "M", "m.", "MR", "Mr.", "Monsieur", " MONSIEUR ")],
        *[(form, WOMAN) for form in ("MME", "Mme", "Mme.", "MLLE", "Mlle", "Madame", "Mademoiselle")],
        *[(form, None) for form in (None, "", ".", "M. et MME", "DR", "M. MME", "?")],
    ],
)
def test_one_form_for_each_civility(written: str | None, civility: str | None) -> None:
    assert civility_in(written) == civility


def test_a_person_is_addressed_by_civility_and_an_organisation_by_its_name() -> None:
    assert (spoken("MLLE"), spoken("M"), spoken("DR")) == ("Madame", "Monsieur", None)
    assert addressed("MME", "Marie HOARAU") == "Madame Marie HOARAU"
    assert addressed(None, "CONSEIL DÉPARTEMENTAL") == "CONSEIL DÉPARTEMENTAL"
