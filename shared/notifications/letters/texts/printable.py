"""What of a text cannot be printed: a sign that no typeface of the letters has, a word wider than its line.

Pure functions on cleaned HTML. The values of variables are not known here: they are cut to size where they are drawn.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.notifications.letters.address_window import BOLD, REGULAR, undrawn, width_mm
from shared.notifications.letters.markup import TextRefused, without_variables

BODY_MM = 170
HEADER_MM = 82
LIST_MM = 10
"""How far each list moves its items to the right."""
BODY_POINTS = 10.5
HEADING_POINTS = 11.5
LONGEST_SHOWN = 40
"""Characters of a word that a sentence quotes."""

_TAG = re.compile(r"(</?\w+>)")
_SPACES = re.compile(r"([ \t\n\r\f]+)")
_INLINE = {"b", "strong", "u"}


@dataclass(frozen=True)
class _Run:
    """Words in one typeface; `begins` when nothing before them is of the same line."""

    text: str
    font: Path
    points: float
    room_mm: float
    begins: bool


def refuse_unprintable(content: str, room_mm: float) -> None:
    """Refuse a text of which the paper would show an empty box, or only the beginning of a word.

    Raises:
        TextRefused: it holds such a sign or word; the sentence says which.
    """
    runs = list(_runs(content, room_mm))
    for run in runs:
        if signs := undrawn(run.text, run.font):
            raise TextRefused(
                f"{_named(signs[0])} ne peut pas être imprimé dans un courrier. Retirez-le, ou remplacez-le par un mot."
            )
    for word, width, room in _words(runs):
        if width > room:
            shown = word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…"
            raise TextRefused(
                f"« {shown} » est plus long que la ligne : le bord de la feuille le couperait. "
                "Mettez une espace dedans, ou raccourcissez-le."
            )


def _named(sign: str) -> str:
    code = f"U+{ord(sign):04X}"
    return f"Le signe « {sign} » ({code})" if unicodedata.category(sign)[0] in "LNPS" else f"Le signe invisible {code}"


def _runs(content: str, room_mm: float) -> Iterator[_Run]:
    bold = lists = heading = 0
    begins = True
    for part in _TAG.split(content):
        name = part.strip("</>")
        if _TAG.fullmatch(part):
            step = -1 if part.startswith("</") else 1
            bold += step if name in {"b", "strong", "h3"} else 0
            heading += step if name == "h3" else 0
            lists += step if name in {"ul", "ol"} else 0
            begins = begins or name not in _INLINE
        elif part:
            points = HEADING_POINTS if heading else BODY_POINTS
            yield _Run(html.unescape(part), BOLD if bold else REGULAR, points, room_mm - LIST_MM * lists, begins)
            begins = False


def _words(runs: list[_Run]) -> Iterator[tuple[str, float, float]]:
    """Each word, its width and the room it has: a word may be of several runs."""
    word, width, room = "", 0.0, 0.0
    for run in runs:
        if run.begins and word:
            yield word, width, room
            word, width = "", 0.0
        room = run.room_mm
        for piece in _SPACES.split(without_variables(run.text)):
            if piece.isspace():
                yield word, width, room
                word, width = "", 0.0
            else:
                word, width = word + piece, width + width_mm(piece, run.points, run.font)
    yield word, width, room
