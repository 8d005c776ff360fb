"""A text written where a name was due holds a name, remarks, or nothing; what it says is told once, here."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.models.school import Hold
from shared.persons.name_parts import is_name, parts_of
from shared.persons.remarks import hold_said, remark_in

BRACKETS = '()[]{}<>«»“”"'
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéèêëïîôöûüçñÉÈÇŒœß"
WORDS_OF_STAFF = [
    "DCD", "DECEDE", "Décédée", "D?C?D?", "†", "NE PAS CONTACTER", "ne pas écrire", "PLACE ASE", "AESH", "XXX",
    "INCONNU", "née", "Mme", "-", "/", "'", "D'ECEDE", "PAYET", "le", "2020", "+", "A VERIFIER",
]  # fmt: skip
WHAT_STAFF_TYPE = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([*WORDS_OF_STAFF, *BRACKETS]), max_size=8).map(" ".join),
    st.lists(st.sampled_from([*WORDS_OF_STAFF, *BRACKETS]), max_size=8).map("".join),
)
PLAIN_NAMES = (
    st.lists(st.text(LETTERS, min_size=2, max_size=12), min_size=1, max_size=3)
    .flatmap(lambda words: st.sampled_from([" ", "-", "'"]).map(lambda between: between.join(words)))
    .filter(lambda name: is_name(name) and remark_in(name) is None)
)


@pytest.mark.parametrize(
    ("written", "name", "remarks"),
    [
        ("HOARAU (DECEDE)", "HOARAU", ("DECEDE",)),
        ("HOARAU [DCD]", "HOARAU", ("DCD",)),
        ("HOARAU {DCD", "HOARAU", ("DCD",)),
        ("HOARAU « DCD »", "HOARAU", ("DCD",)),
        ('HOARAU "DCD"', "HOARAU", ("DCD",)),
        ("HOARAU <DCD>", "HOARAU", ("DCD",)),
        ("HOARAU DCD)", "HOARAU", ("DCD",)),
        ("HOARAU-DECEDE", "HOARAU", ("DECEDE",)),
        ("DCD - HOARAU", "HOARAU", ("DCD",)),
        ("HOARAU / décédée le 12/03/2020", "HOARAU", ("décédée le 12/03/2020",)),
        ("HOARAU D?C?D?", "HOARAU", ("D?C?D?",)),
        ("HOARAU D.C.D.", "HOARAU", ("D.C.D.",)),
        ("† HOARAU", "HOARAU", ("†",)),
        ("HOARAU +", "HOARAU", ("+",)),
        ("PAYET NE PAS CONTACTER AU TRAVAIL", "PAYET", ("NE PAS CONTACTER AU TRAVAIL",)),
        ("PAYET placée à l'ASE depuis 2020", "PAYET", ("placée à l'ASE depuis 2020",)),
        ("Léo (AESH)", "Léo", ("AESH",)),
        ("Léo AESH", "Léo", ("AESH",)),
        ("DUPONT (née MARTIN)", "DUPONT", ("née MARTIN",)),
        ("DUPONT (frère (de) Paul)", "DUPONT", ("frère de Paul",)),
        ("(Mme) DUPONT", "DUPONT", ("Mme",)),
        # The only name stands in brackets.
        ("(DUPONT)", "DUPONT", ()),
        ("(NATHALIE)", "NATHALIE", ()),
        ("(DUPONT DCD)", "DUPONT", ("DCD",)),
        ("(DUPONT) (frère de Paul)", "DUPONT", ("frère de Paul",)),
        # Nothing there is a name.
        ("(DECEDE)", "", ("DECEDE",)),
        ("(Mme)", "", ("Mme",)),
        ("(frère de Paul)", "", ("frère de Paul",)),
        *[
            (word, "", ())
            for word in ("", "-", ".", "?", "'", "ʻ", "X", "xx", "XXX", "N/C", "NC", "INCONNU", "Inconnue")
        ],
        *[(word, "", ()) for word in ("NON RENSEIGNE", "Non renseigné", "NON RENSEIGN?", "NEANT", "IDEM", "sans nom")],
        # Nothing there is a remark.
        *[(name, name, ()) for name in ("D'ECEDE", "BENDCD", "DCDE'IMA", "PLACE", "LA PLACE", "LE NÉE", "SANS", "NA")],
        *[(name, name, ()) for name in ("Åse", "MORT", "王", "محمد", "ʻAnapa", "O'BRIEN", "Marie-Ange", "NO?L", "A")],
    ],
)
def test_a_name_is_told_from_a_remark(written: str, name: str, remarks: tuple[str, ...]) -> None:
    assert parts_of(written) == (name, remarks)


@given(WHAT_STAFF_TYPE)
@example("DUPONT*\N{NO-BREAK SPACE}")
@example("D DCD CD")
@example("NE (x) PAS CONTACTER")
@example('"(«')
def test_what_is_left_is_a_name_and_nothing_else(written: str) -> None:
    name, _ = parts_of(written)
    assert parts_of(name) == (name, ())
    assert len(name) <= len(written)
    assert not set(name) & set(BRACKETS)
    assert remark_in(name) is None
    assert name == "" or is_name(name)


@given(PLAIN_NAMES)
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert parts_of(name) == (name, ())


@given(PLAIN_NAMES, st.sampled_from(["(%s)", "[%s]", "{%s}", "(%s", " « %s »"]), st.sampled_from(WORDS_OF_STAFF))
def test_a_remark_in_brackets_leaves_the_name_beside_it(name: str, brackets: str, word: str) -> None:
    assert parts_of(f"{name} {brackets % word}").name == name


@pytest.mark.parametrize(
    ("remark", "of_guardian", "of_student"),
    [
        ("DCD", Hold.DECEASED, Hold.DECEASED),
        ("Décédée", Hold.DECEASED, Hold.DECEASED),
        ("D?C?D?", Hold.DECEASED, Hold.DECEASED),
        ("mort en 2019", Hold.DECEASED, Hold.DECEASED),
        ("feu", Hold.DECEASED, Hold.DECEASED),
        ("†", Hold.DECEASED, Hold.DECEASED),
        # The father of the student, or the father himself.
        ("père décédé", Hold.DECEASED, None),
        ("NE PAS CONTACTER", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("ne plus écrire", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("pas de courrier", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("NPAI", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("déchu de l'autorité parentale", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("INTERDICTION DE CONTACT", Hold.DO_NOT_WRITE, Hold.DO_NOT_WRITE),
        ("PLACE ASE", None, None),
        ("frère de Paul", None, None),
        ("née MARTIN", None, None),
        ("veuve", None, None),
        ("pas de mail", None, None),
        ("ne parle pas français", None, None),
    ],
)
def test_a_remark_says_whether_anybody_is_to_be_written_to(
    remark: str, of_guardian: Hold | None, of_student: Hold | None
) -> None:
    assert hold_said([remark], of_student=False) is of_guardian
    assert hold_said(["frère de Paul", remark], of_student=True) is of_student
