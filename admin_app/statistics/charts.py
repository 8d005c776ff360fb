"""Charts as shapes of an SVG drawing: sideways in hundredths of its width, so that they fit a phone and a sheet."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from admin_app.statistics.tables import Figures

ROW_HEIGHT, BAR_TOP, BAR_HEIGHT = 42, 18, 16
"""Pixels, down the drawing: a label, its bar below, and room before the next."""
COLUMN_HEIGHT, COLUMN_TOP, LABEL_HEIGHT = 160, 16, 22
GROUP_FILL = 0.72
"""How much of its place a group of columns takes."""


@dataclass(frozen=True)
class Shape:
    """A rectangle: `x` and `width` in hundredths of the drawing, `y` and `height` in pixels, all to the thousandth."""

    series: int
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True)
class Label:
    """A word of the drawing, from `x` on, or around it when `centred`."""

    x: float
    y: float
    text: str
    centred: bool = False
    minor: bool = False
    """Left out where there is no room for every one."""


@dataclass(frozen=True)
class Chart:
    """Everything to draw, `height` pixels high."""

    height: int
    shapes: Sequence[Shape]
    labels: Sequence[Label]


def chart_of(figures: Figures) -> Chart:
    """The drawing of a table that is not empty."""
    return _columns(figures) if figures.over_time else _bars(figures)


def _bars(figures: Figures) -> Chart:
    longest = max(sum(counts) for _, counts in figures.rows)
    shapes: list[Shape] = []
    labels = []
    for number, (name, counts) in enumerate(figures.rows):
        top = number * ROW_HEIGHT
        labels.append(Label(0, top + BAR_TOP - 5, f"{name} : {sum(counts)}"))
        shapes += _pieces(figures, name, counts, top + BAR_TOP, longest, number)
    return Chart(len(figures.rows) * ROW_HEIGHT, shapes, labels)


def _pieces(figures: Figures, name: str, counts: Sequence[int], top: float, longest: int, row: int) -> Iterator[Shape]:
    x = 0.0
    for series, count in enumerate(counts):
        width = 100 * count / longest
        if count:
            # A table of one column gives each row its own colour.
            colour = series if len(counts) > 1 else row
            yield Shape(colour, _at(x), top, _at(width), BAR_HEIGHT, f"{name}, {figures.columns[series]} : {count}")
        x += width


def _columns(figures: Figures) -> Chart:
    highest = max(max(counts) for _, counts in figures.rows)
    place = 100 / len(figures.rows)
    width = place * GROUP_FILL / len(figures.columns)
    foot = COLUMN_TOP + COLUMN_HEIGHT
    shapes, labels = [], []
    for number, (name, counts) in enumerate(figures.rows):
        left = place * (number + (1 - GROUP_FILL) / 2)
        labels.append(
            Label(_at(place * (number + 0.5)), foot + 15, name.split()[0], centred=True, minor=number % 2 > 0)
        )
        for series, count in enumerate(counts):
            if not count:
                continue
            height = COLUMN_HEIGHT * count / highest
            x = left + series * width
            words = f"{name}, {figures.columns[series]} : {count}"
            shapes.append(Shape(series, _at(x), _at(foot - height), _at(width), _at(height), words))
            labels.append(Label(_at(x + width / 2), _at(foot - height - 4), str(count), centred=True))
    return Chart(foot + LABEL_HEIGHT, shapes, labels)


def _at(length: float) -> float:
    """To the thousandth, and never beyond the length itself: what is drawn stays inside the drawing."""
    return math.floor(1000 * length) / 1000
