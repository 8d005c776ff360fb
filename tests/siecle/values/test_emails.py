"""One address of a field, the first good one, and never somebody else's."""

import pytest

from shared.siecle.values.emails import emails_in


@pytest.mark.parametrize(
    ("written", "others"),
    [
        ("a@b.fr;", ()),
        ("a@b.fr.", ()),
        ("a@b.fr...", ()),
        ("<a@b.fr>", ()),
        ("mailto:a@b.fr", ()),
        ("MAILTO: a@b.fr ", ()),
        ("Jean DUPONT <a@b.fr>", ()),
        ('"DUPONT, Jean" <a@b.fr>', ()),
        ("a@b.fr (père)", ()),
        ("a@b.fr ; néant", ()),
        ("Mail : a@b.fr", ()),
        ("a@b.fr;c@d.fr", ("c@d.fr",)),
        ("a@b.fr, c@d.fr", ("c@d.fr",)),
        ("a@b.fr c@d.fr", ("c@d.fr",)),
        ("a@b.fr et c@d.fr", ("c@d.fr",)),
        ("a@b.fr ou c@d.fr", ("c@d.fr",)),
        ("a@b.fr/c@d.fr", ("c@d.fr",)),
        ("a@b.fr|c@d.fr", ("c@d.fr",)),
        ("<a@b.fr>; <c@d.fr>", ("c@d.fr",)),
        ("x@y..fr; a@b.fr; c@d.fr", ("c@d.fr",)),
        ("a@b.fr;a@b.fr", ()),
    ],
)
def test_the_first_good_address_is_taken_and_the_others_are_told(written: str, others: tuple[str, ...]) -> None:
    assert emails_in(written) == ("a@b.fr", others)


@pytest.mark.parametrize(
    "written",
    [
        *("jean dupont@b.fr", "jean;dupont@b.fr", "jean,dupont@b.fr", "néant; a@b.fr", "a@b.co m", "a@b.co;uk"),
        *(
            "a@gmail,com",
            "x@y..fr",
            "aucun",
            "a@b",
            "@b.fr",
            "",
            ";",
            "é@c.fr",
            "a" * 65 + "@b.fr",
            "a" * 300 + "@c.fr",
        ),
    ],
)
def test_what_may_be_the_address_of_somebody_else_is_none(written: str) -> None:
    assert emails_in(written) == (None, ())


@pytest.mark.parametrize("written", ["A.B@EXEMPLE.FR", "o'neil+ecole@exemple.fr", "a_b-c@sous.domaine.re"])
def test_a_good_address_stays_as_it_is(written: str) -> None:
    assert emails_in(written) == (written, ())
