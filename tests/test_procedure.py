"""`docs/procedure.md` names tests that exist, and leaves no cell empty."""

from pathlib import Path

from tests.named import missing_among, named_in

ROOT = Path(__file__).parent.parent
ROWS = [line for line in (ROOT / "docs" / "procedure.md").read_text("utf-8").splitlines() if line.startswith("| ")]


def test_every_test_named_exists() -> None:
    named = named_in("\n".join(ROWS))
    assert len(named) > 40
    assert missing_among(named) == []


def test_no_cell_is_empty() -> None:
    assert [row for row in ROWS if any(not cell.strip() for cell in row.strip("|").split("|"))] == []
