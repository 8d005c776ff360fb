"""What is asked of whoever invents schools."""

from dataclasses import dataclass
from typing import Literal

Dialect = Literal["2017", "2019"]
"""Which form of the export files."""


@dataclass(frozen=True, slots=True)
class Invention:
    """Which schools to invent; the same values give the same bytes, on every machine."""

    students: int
    """Of each school."""
    establishments: int = 1
    duplicates: float = 0.1
    """Which share of the adults are entered more than once, from 0 to 1."""
    seed: int = 1
    dialect: Dialect = "2019"
    uai: str | None = None
    """The code of the first school; the others have the numbers that follow."""
    careless: bool = False
    """Whether far more differs between the records of one person."""
