"""`docs/joindre-les-familles.md`: against every bad input what happens, and a test that exists and plays it."""

from itertools import chain
from pathlib import Path

from tests.named import missing_among, named_in

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "joindre-les-familles.md").read_text("utf-8")
BAD_INPUT = PAGE.partition("## Entrées qui ne vont pas")[2].partition("\n## ")[0]
ROWS = [line for line in BAD_INPUT.splitlines() if line.startswith("| ")][1:]


def test_every_bad_input_names_a_test_that_exists() -> None:
    named = [named_in(row) for row in ROWS]
    assert len(ROWS) > 12
    assert all(named)
    assert missing_among(chain.from_iterable(named)) == []
