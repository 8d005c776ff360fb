"""Fits text into the places that a letter has for it: the window of the envelope, a line, a box. Pure functions.

A French window envelope shows 35 to 45 mm × 100 mm; the block that stays inside it, however the sheet slides, is 85 mm
wide and 24 mm high: the reference of the letter, then the address, in lines of 10 points, or more of smaller type.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import normalize

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from shared.config import TEMPLATES

FONTS = TEMPLATES / "letters" / "fonts"
REGULAR = FONTS / "AtkinsonHyperlegible-Regular.ttf"
BOLD = FONTS / "AtkinsonHyperlegible-Bold.ttf"
OTHER_REGULAR = FONTS / "DejaVuSansCondensed-Regular.ttf"
OTHER_BOLD = FONTS / "DejaVuSansCondensed-Bold.ttf"
"""For the words that hold a letter which ours has not: « Nguyễn », « ʻŌpūnohu »."""
MONO = FONTS / "AtkinsonHyperlegibleMono-Bold.ttf"

BLOCK_LEFT_MM, BLOCK_TOP_MM = 105, 55
BLOCK_WIDTH_MM = 85
BLOCK_HEIGHT_MM = 24
REFERENCE_MM = 5.2
"""Of these, above the address: the reference, and white below it."""
ADDRESS_HEIGHT_MM = BLOCK_HEIGHT_MM - REFERENCE_MM
POINT_MM = 25.4 / 72
ELLIPSIS = "…"
# The typeface's own height of a line, in sizes; the renderer goes no lower.
LINE_HEIGHT = 1.24
# In points: four lines to seven.
_SIZES = (10.0, 8.5, 7.1, 6.1)
# What the wrapping of the renderer may see differently.
_SLACK_MM = 1
_WORDS = re.compile("(?:\\S|\N{NO-BREAK SPACE})+")


@dataclass(frozen=True)
class AddressBlock:
    """The lines of an address, and the size, in points, in which they fit the window."""

    lines: tuple[str, ...]
    points: float


def address_block(name: str, address: Sequence[str]) -> AddressBlock:
    """The address in the largest size in which all of it fits the window.

    What does not even fit in the smallest is cut: the beginning and the town stay, the middle goes.
    """
    for points in _SIZES:
        most = int(ADDRESS_HEIGHT_MM / (points * LINE_HEIGHT * POINT_MM))
        lines = [part for line in (name, *address) for part in wrap(line, BLOCK_WIDTH_MM - _SLACK_MM, points)]
        if len(lines) <= most:
            return AddressBlock(tuple(lines), points)
    whole = [fit(line, BLOCK_WIDTH_MM - _SLACK_MM, points) for line in (name, *address)]
    if len(whole) > most:
        whole = whole[: most - 2] + whole[-2:]
    return AddressBlock(tuple(whole), points)


def width_mm(text: str, points: float, font: Path = REGULAR) -> float:
    """How wide `text` is, in millimetres."""
    return float(_font(drawn_in(text, font)).stringWidth(text, points)) * POINT_MM


def drawn_in(text: str, font: Path) -> Path:
    """The typeface that has every letter of `text`: `font`, unless it lacks one."""
    if text.isascii() or font == MONO or _letters(font).issuperset(map(ord, text)):
        return font
    return OTHER_BOLD if font in {BOLD, OTHER_BOLD} else OTHER_REGULAR


def undrawn(text: str, font: Path) -> str:
    """The signs of `text` in whose place an empty box would be printed, each once."""
    letters = _letters(drawn_in(text, font))
    return "".join(dict.fromkeys(sign for sign in text if ord(sign) not in letters and sign not in " \t\n\r\f"))


def one_line(text: str) -> str:
    """Single spaces, composed letters, and nothing that shows no glyph: what HTML would make of it."""
    shown = "".join(character for character in text if character.isprintable() or character == " ")
    return normalize("NFC", " ".join(shown.split()))


def fit(text: str, room_mm: float, points: float, font: Path = REGULAR) -> str:
    """`text` in one line of `room_mm`, its end replaced by an ellipsis when it is too long."""
    if width_mm(text, points, font) <= room_mm:
        return text
    while text and width_mm(text + ELLIPSIS, points, font) > room_mm:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def largest_type(text: str, room_mm: float, points: float, font: Path) -> float:
    """The size, at most `points`, in which `text` fits one line of `room_mm`; never cut: it is to be typed."""
    return min(points, points * room_mm / max(width_mm(text, points, font), 1))


def wrap(text: str, room_mm: float, points: float, font: Path = REGULAR) -> list[str]:
    """`text` in lines of `room_mm`, broken between words, and inside a word only when it is longer than a line.

    A blank that does not break is a letter like another.
    """
    lines: list[str] = []
    line = ""
    for word in _WORDS.findall(text):
        for piece in _pieces(word, room_mm, points, font):
            longer = f"{line} {piece}".strip()
            if line and width_mm(longer, points, font) > room_mm:
                lines.append(line)
                longer = piece
            line = longer
    return [*lines, line] if line else lines


def _pieces(word: str, room_mm: float, points: float, font: Path) -> list[str]:
    pieces = [""]
    for character in word:
        if width_mm(pieces[-1] + character, points, font) > room_mm:
            pieces.append("")
        pieces[-1] += character
    return pieces


@cache
def named(font: Path) -> str:
    """The name under which ReportLab knows a typeface from now on."""
    pdfmetrics.registerFont(TTFont(font.stem, str(font)))
    return font.stem


@cache
def _font(path: Path) -> TTFont:
    return TTFont(path.stem, str(path))


@cache
def _letters(path: Path) -> frozenset[int]:
    return frozenset(_font(path).face.charToGlyph)
