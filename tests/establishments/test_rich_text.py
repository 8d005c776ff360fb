"""R22: what staff write for families keeps its lines and a little formatting, and nothing else."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.establishments.rich_text import TAGS, as_typed, clean, visible_characters


class Found(HTMLParser):
    """The tags and attributes that a browser would see."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen |= {(tag, None)} | {(tag, name) for name, _ in attrs}


def found_in(html):
    found = Found()
    found.feed(html)
    return found.seen


MESSAGES = (
    "Bonjour\n\nLa cantine & l'étude < 18 h\nmerci",
    "Réunion <strong>mardi</strong> :\n\nvenez nombreux",
    '<a href="https://exemple.fr/?a=1&amp;b=2">ici</a>\n\nou là',
    "<p>Un</p><ul><li>deux</li></ul>",
)


@pytest.mark.parametrize("typed", MESSAGES)
def test_what_staff_edit_again_gives_the_same_message(typed):
    message = clean(typed)

    assert clean(as_typed(message)) == message


def test_lines_are_kept_beside_a_word_in_bold():
    assert clean("Un\n\n<strong>Deux</strong>\ntrois") == "<p>Un</p><p><strong>Deux</strong><br>trois</p>"


def test_staff_edit_plain_lines_rather_than_tags():
    assert as_typed(clean("Un & deux\n\nTrois")) == "Un & deux\n\nTrois"


@given(st.text(alphabet=st.sampled_from("<>/abpscrit =\"':;&\n()"), max_size=60))
def test_nothing_but_the_allowed_tags_remains(text):
    assert found_in(clean(text)) <= {(tag, None) for tag in TAGS} | {("a", "href"), ("a", "rel")}


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="https://x.fr" onclick="alert(1)">x</a>',
        "<iframe src=//x></iframe>",
        "<p style='position:fixed'>x</p>",
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_an_attack_is_cleaned_away(attack):
    cleaned = clean(f"Bonjour {attack}\n\nau revoir")

    assert not any(word in cleaned for word in ("script", "onerror", "onclick", "iframe", "style", "svg"))


def test_tags_do_not_count_as_characters():
    assert visible_characters("<strong>été</strong>") == 3
