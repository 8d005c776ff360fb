"""`docs/exploitation.md`: every command is run by a test; against every fault what to do, and a test that plays it."""

import re
from itertools import chain
from pathlib import Path

from tests.named import missing_among, named_in
from tests.operating.page import commands
from tests.operating.test_commands import RUN_HERE
from tests.packaging.machines import FOLLOWED, OF_IMAGE

ROOT = Path(__file__).parent.parent
FAULTS = (ROOT / "docs" / "exploitation.md").read_text("utf-8").partition("## Quand ça va mal")[2]
ROWS = [line for line in FAULTS.splitlines() if line.startswith("| ")][1:]


def test_every_fault_names_a_test_that_exists() -> None:
    named = [named_in(row) for row in ROWS]
    assert len(ROWS) > 15
    assert all(named)
    assert missing_among(chain.from_iterable(named)) == []


def test_every_test_of_a_fault_is_on_the_page() -> None:
    played = {
        test
        for file in (ROOT / "tests" / "notifications" / "faults").glob("test_*.py")
        for test in re.findall(r"def (test_\w+)\(", file.read_text("utf-8"))
    }
    assert {test for test in played if test not in FAULTS} == set()


def test_no_cell_is_empty() -> None:
    assert [row for row in ROWS if any(not cell.strip() for cell in row.strip("|").split("|"))] == []


def test_every_command_is_run_by_a_test() -> None:
    """`tests/operating/test_commands.py` runs each of ours, `tests/packaging` whole sections."""
    others = [command for command in commands() if not command.text.startswith(RUN_HERE)]
    assert [command for command in others if command.section not in {*FOLLOWED, OF_IMAGE}] == []
    assert len(others) > 30
