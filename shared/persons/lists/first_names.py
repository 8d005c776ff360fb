"""First names that many bear in France: two of them that are nearly alike are two names, and no slip."""

from functools import cache
from pathlib import Path

FIRST_NAMES = Path(__file__).with_name("first_names.txt")
"""Where they come from is told in `README.md`."""


@cache
def borne_first_names() -> frozenset[str]:
    """The names, folded; read from the disk the first time, a few milliseconds."""
    return frozenset(FIRST_NAMES.read_text(encoding="ascii").splitlines())
