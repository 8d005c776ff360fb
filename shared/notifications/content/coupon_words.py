"""What a coupon says beside the identifier: its title, and what to do, which a school may write anew (R20)."""

import html
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.allowed_html import without_tags
from shared.config import TEMPLATES
from shared.models.notifications import Text

BESIDE_CODE_MM = 63
"""Of what is written beside the square to photograph."""
SMALL_POINTS = 7.5
MOST_STEP_LINES = 3
"""Of what to do: below them stand the addresses."""


@dataclass(frozen=True)
class Wording:
    """What one type of text says on a coupon."""

    title: str
    steps: str


@cache
def wording_of(text: Text) -> Wording:
    """The words delivered with the software, in `templates/letters/coupons`: the title, an empty line, what to do."""
    written = (Path(TEMPLATES) / "letters" / "coupons" / f"{text}.txt").read_text(encoding="utf-8")
    title, _, steps = written.partition("\n\n")
    return Wording(title, " ".join(steps.split()))


def plain_words(content: str) -> str:
    """The words of a cleaned text, on one line: a coupon has no room for more than words."""
    return " ".join(html.unescape(without_tags(content.replace("<", " <"))).split())
