"""How French is written: blanks that do not break, and what a page keeps as it is."""

from hypothesis import given
from hypothesis import strategies as st

from shared.french import page_with_signs, with_signs
from tests.signs import loose_signs, loose_signs_of_text

WORDS = st.text(st.sampled_from("aé «»:;?!%€\n\u00a0"), max_size=30)
PAGES = st.lists(
    st.one_of(
        WORDS,
        WORDS.map(lambda text: f"<p title='{text}'>{text}</p>"),
        st.tuples(st.sampled_from(("script", "textarea", "pre", "code", "select")), WORDS).map(
            lambda one: f"<{one[0]}>{one[1]}</{one[0]}>"
        ),
    ),
    max_size=8,
).map("".join)


@given(PAGES)
def test_a_page_loses_and_gains_nothing_but_breaks(page: str) -> None:
    mended = page_with_signs(page)
    assert mended.replace("\u00a0", " ").split() == page.replace("\u00a0", " ").split()
    assert page_with_signs(mended) == mended


@given(st.lists(WORDS, min_size=1).map(lambda words: "<br>".join(words)))
def test_no_blank_that_breaks_is_left_beside_a_sign(body: str) -> None:
    assert loose_signs(f"<p>{page_with_signs(body)}</p>") == []


@given(WORDS)
def test_words_without_tags_are_mended_alike(words: str) -> None:
    words = words.replace("\n", "")
    assert loose_signs_of_text(with_signs(words)) == []


def test_what_a_form_sends_back_and_what_is_copied_stay_as_they_are() -> None:
    kept = (
        '<input value="a : b ; c"><textarea>a : b « c »</textarea><pre>a ? b</pre><code>a : b</code>'
        "<select><option>a : b</option></select><script>a ? b : c</script><style>a :b {}</style>"
    )
    assert page_with_signs(kept) == kept


def test_words_around_what_is_kept_are_mended() -> None:
    assert page_with_signs("a : <b>b</b> : c<pre>d : e</pre> ? f :") == (
        "a\u00a0: <b>b</b>\u00a0: c<pre>d : e</pre>\u00a0? f\u00a0:"
    )
    assert page_with_signs("<p>a :<textarea>never closed : b") == "<p>a\u00a0:<textarea>never closed : b"
