"""docs/asvs.md answers every requirement of levels 1 and 2 once, and names tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "asvs.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d", line)]
_SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2
4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2
7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3
11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3
15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
OF_SECTION = {section: int(count) for section, count in (each.split(":") for each in _SECTIONS.split())}
"""How many requirements of level 1 or 2 each section has; in all of them they come first."""


def numbers(cell: str) -> list[str]:
    """`4.3.1–4.3.2, 5.1.1` one by one."""
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        section, _, start = first.rpartition(".")
        found += [f"{section}.{n}" for n in range(int(start), int((last or first).rpartition(".")[2]) + 1)]
    return found


def test_each_requirement_of_level_two_is_answered_once() -> None:
    wanted = [f"{section}.{n}" for section, count in OF_SECTION.items() for n in range(1, count + 1)]
    assert len(wanted) == 253
    assert [number for row in ROWS for number in numbers(row[0])] == wanted


def test_each_answer_is_one_of_three_with_a_reason() -> None:
    assert {row[2] for row in ROWS} == {"tenue", "**non tenue**", "sans objet"}
    assert [row[0] for row in ROWS if not row[3].strip()] == []


def test_each_test_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 150
    assert [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")] == []
