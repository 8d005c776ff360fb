"""What a PDF draws, and where: read back from the file itself."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer, LTCurve, LTImage

from shared.notifications.letters.address_window import POINT_MM


@dataclass(frozen=True)
class Run:
    """Text on one line in one typeface: left and baseline in millimetres from the top left corner, size in points."""

    left: float
    baseline: float
    size: float
    font: str
    text: str
    right: float


@dataclass(frozen=True)
class Drawing:
    """One page: its text, its lines and boxes, and its pictures, as (left, top, right, bottom) in millimetres."""

    runs: list[Run]
    shapes: list[tuple[float, float, float, float]]
    pictures: list[tuple[float, float, float, float]]

    @property
    def text(self) -> str:
        return "\n".join(run.text for run in self.runs).replace("\xa0", " ")


def drawings(pdf: bytes) -> list[Drawing]:
    """Every page of `pdf`."""
    return [_drawing(page) for page in extract_pages(io.BytesIO(pdf), laparams=None)]


def _drawing(page: Any) -> Drawing:
    drawn = list(_all(page))
    characters = [one for one in drawn if isinstance(one, LTChar)]
    runs = [_run(group, page.height) for group in _groups(characters)]
    shapes = [_box(one, page.height) for one in drawn if isinstance(one, LTCurve)]
    pictures = [_box(one, page.height) for one in drawn if isinstance(one, LTImage)]
    return Drawing([run for run in runs if run.text.strip()], shapes, pictures)


def _all(container: Any) -> Iterator[Any]:
    for one in container:
        yield one
        if isinstance(one, LTContainer):
            yield from _all(one)


def _groups(characters: list[LTChar]) -> Iterator[list[LTChar]]:
    """Characters that follow each other on a line: what stands further to the right of it is written apart."""
    for _, line in groupby(characters, _line):
        group: list[LTChar] = []
        for character in line:
            if group and character.x0 - group[-1].x1 > character.size:
                yield group
                group = []
            group.append(character)
        yield group


def _line(character: LTChar) -> tuple[float, str, float]:
    return round(character.matrix[5], 2), character.fontname, round(character.size, 2)


def _run(characters: list[LTChar], height: float) -> Run:
    first = characters[0]
    return Run(
        left=first.matrix[4] * POINT_MM,
        baseline=(height - first.matrix[5]) * POINT_MM,
        size=first.size,
        font=first.fontname,
        text="".join(character.get_text() for character in characters).strip("\n"),
        right=characters[-1].x1 * POINT_MM,
    )


def _box(shape: Any, height: float) -> tuple[float, float, float, float]:
    return (
        shape.x0 * POINT_MM,
        (height - shape.y1) * POINT_MM,
        shape.x1 * POINT_MM,
        (height - shape.y0) * POINT_MM,
    )
