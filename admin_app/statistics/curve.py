"""The curve of activation: how many accounts were used at the end of each week, as points of an SVG drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.overview.todo import Activation

WIDTH, HEIGHT = 240, 48
"""Units of the drawing, which is stretched to its place."""


@dataclass(frozen=True)
class Curve:
    """A line over the weeks, and the area below it."""

    line: str
    """`x,y x,y…`, from the left to the right; the top is everybody."""
    area: str
    weeks: Sequence[tuple[date, int]]
    """The last day of each week, and how many accounts were used by then: the same, for whoever does not see it."""
    width: int = WIDTH
    height: int = HEIGHT


def curve_of(activation: Activation, gained: Sequence[int], ends: Sequence[date]) -> Curve | None:
    """The curve that ends at `activation`, from what each week `gained`; none when there is no account.

    `ends` are the days after each week. Accounts that were erased or left since are not in it: it never goes down.
    """
    if not activation.total:
        return None
    used = [max(0, activation.active - sum(gained[week + 1 :])) for week in range(len(gained))]
    step = WIDTH / max(1, len(used) - 1)
    points = [f"{week * step:.1f},{HEIGHT * (1 - number / activation.total):.1f}" for week, number in enumerate(used)]
    last_days = [end - timedelta(days=1) for end in ends]
    return Curve(
        line=" ".join(points),
        area=" ".join([f"0,{HEIGHT}", *points, f"{WIDTH},{HEIGHT}"]),
        weeks=list(zip(last_days, used, strict=True)),
    )
