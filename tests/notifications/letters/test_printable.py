"""What no paper would show of a text is refused when it is saved; what is not refused is whole on the paper (R20)."""

import pytest

from shared.models.letters import LetterKind, LetterPart
from shared.notifications.letters.address_window import BOLD, REGULAR, width_mm
from shared.notifications.letters.kinds import checked_text, delivered_text
from shared.notifications.letters.markup import TextRefused, cleaned
from shared.notifications.letters.pages import filling
from shared.notifications.letters.texts.printable import (
    BODY_MM,
    BODY_POINTS,
    HEADER_MM,
    HEADING_POINTS,
    LIST_MM,
    refuse_unprintable,
)
from shared.notifications.letters.typesetting.layout import typeset
from tests.notifications.letters.drawings import drawings
from tests.notifications.letters.test_letters import by, notice

RIGHT_MM = {LetterPart.BODY: 190, LetterPart.HEADER: 102}
ROOM = {LetterPart.BODY: BODY_MM, LetterPart.HEADER: HEADER_MM}
MARGIN_MM = 0.5


def word_of(room_mm: float, points: float, bold: bool) -> str:
    """The longest word of one letter that has this room."""
    word = "m"
    while width_mm(word + "m", points, BOLD if bold else REGULAR) <= room_mm:
        word += "m"
    return word


def rightmost(content: str, part: LetterPart) -> float:
    """How far from the left edge of the sheet the word goes that is made of one letter."""
    one = notice()
    texts = {("guardian_new_account", part): content}
    pdf, _ = typeset([filling(one, by(texts=texts))])
    return max(run.right for page in drawings(pdf) for run in page.runs if "mmmm" in run.text)


@pytest.mark.parametrize("part", list(ROOM))
@pytest.mark.parametrize(
    ("shape", "lists", "points", "bold"),
    [
        ("<p>{}</p>", 0, BODY_POINTS, False),
        ("<p>avant <b>{}</b></p>", 0, BODY_POINTS, True),
        ("<h3>{}</h3>", 0, HEADING_POINTS, True),
        ("<ul>\n<li>{}</li>\n</ul>", 1, BODY_POINTS, False),
        ("<ol>\n<li>un<ul>\n<li>{}</li>\n</ul></li>\n</ol>", 2, BODY_POINTS, False),
    ],
)
def test_the_longest_word_that_is_not_refused_is_whole_on_the_paper(part, shape, lists, points, bold):
    word = word_of(ROOM[part] - lists * LIST_MM, points, bold)
    fits, too_long = shape.format(word), shape.format(word + "mm")
    refuse_unprintable(fits, ROOM[part])
    assert rightmost(fits, part) <= RIGHT_MM[part] + MARGIN_MM
    with pytest.raises(TextRefused, match="plus long que la ligne"):
        refuse_unprintable(too_long, ROOM[part])
    assert rightmost(too_long, part) > RIGHT_MM[part] - MARGIN_MM


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Bravo 😀", "Le signe « 😀 » (U+1F600)"),
        ("中文", "Le signe « 中 » (U+4E2D)"),
        ("<b>a\u200bb</b>", "Le signe invisible U+200B"),
        ("x" * 40 + "<b>" + "y" * 70 + "</b>", "« xxxxxxxxxx"),
    ],
)
def test_what_would_be_an_empty_box_or_cut_is_refused_in_words(words, sentence):
    with pytest.raises(TextRefused) as refused:
        checked_text(LetterKind.GUARDIAN_REMINDER, LetterPart.BODY, f"{{{{ cadre_identifiants }}}}\n\n{words}")
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    "words", ["Nguyễn ʻŌtomimi", "a\u00a0b\u202f!", "« π ≤ 4 »", "un\n<b>deux</b> trois", "l\u2019été \u2011 œ"]
)
def test_what_a_typeface_of_the_letters_has_is_not_refused(words):
    refuse_unprintable(cleaned(words), BODY_MM)


@pytest.mark.parametrize("letter", list(LetterKind))
@pytest.mark.parametrize("part", list(ROOM))
def test_no_text_delivered_is_refused(letter, part):
    refuse_unprintable(delivered_text(letter.value, part), ROOM[part])
