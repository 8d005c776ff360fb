"""Texts without what nobody sees, by the short way of plain texts and by the long one of the others."""

from hypothesis import example, given
from hypothesis import strategies as st

from shared.siecle.values.texts import cleaned

PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
ANY = st.text(st.sampled_from("aé '-?  \t\n\x00\x7f\x85\xa0\xad\u200b\u2028\ufffd\ufeff"))


@given(st.one_of(PLAIN, ANY, st.text()))
@example("  a  b ")
@example("a\u200b b\xa0\xa0")
def test_a_text_is_the_same_beside_a_letter_that_takes_the_long_way(text):
    assert cleaned(f"{text} é") == f"{cleaned(text)} é".strip()


@given(st.one_of(PLAIN, ANY, st.text()))
def test_a_cleaned_text_has_single_blanks_and_stays_as_it_is(text):
    once = cleaned(text)
    assert once == " ".join(once.split()) == cleaned(once)
