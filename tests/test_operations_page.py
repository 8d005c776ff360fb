"""`docs/exploitation.md`: against every fault what to do, and a test that exists and plays it."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
FAULTS = (ROOT / "docs" / "exploitation.md").read_text("utf-8").partition("## Quand ça va mal")[2]
ROWS = [line for line in FAULTS.splitlines() if line.startswith("| ")][1:]


def test_every_fault_names_a_test_that_exists() -> None:
    named = [re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row) for row in ROWS]
    assert len(ROWS) > 15
    assert all(named)
    missing = [
        f"{file}::{test}"
        for tests in named
        for file, test in tests
        if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text("utf-8")
    ]
    assert missing == []


def test_every_test_of_a_fault_is_on_the_page() -> None:
    played = {
        test
        for file in (ROOT / "tests" / "notifications" / "faults").glob("test_*.py")
        for test in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    }
    assert {test for test in played if test not in FAULTS} == set()


def test_no_cell_is_empty() -> None:
    assert [row for row in ROWS if any(not cell.strip() for cell in row.strip("|").split("|"))] == []
