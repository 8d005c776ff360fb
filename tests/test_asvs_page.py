"""docs/asvs.md answers every requirement of levels 1 and 2 once, and names tests that were seen to fail."""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.defences.everything import is_seen_to_fail

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


WITHOUT: Mapping[str, str] = {
    **dict.fromkeys(("2.1.1", "2.1.2", "6.1.3", "11.1.2", "15.1.1"), "a text to be written, and it is"),
    **dict.fromkeys(("7.1.1", "14.2.4"), "its test compares a text with the code"),
    **dict.fromkeys(("6.2.10", "6.4.2", "6.3.2"), "nothing does it: there is nothing to take away"),
    **dict.fromkeys(
        ("8.1.2", "8.2.3", "15.3.3"), "values are read one by one: no line that takes them all stands there"
    ),
    "1.4.3": "measured: what grows is the sum of many lines",
    "2.3.4": "the series is advanced in one statement, and each identifier is a row that nobody adds twice",
    "3.7.1": "what browsers are sent is read by people",
    "13.4.1": "what is installed holds no sources: its test reads the wheel",
    **dict.fromkeys(("13.4.3", "13.4.4"), "Flask has no such page unless one is written"),
    "13.4.5": "the two pages say one word each: nothing is held back",
    "15.1.2": "its tests read the files of requirements",
    "16.1.1": "its test reads the code for what is recorded",
    "16.5.1": "Flask shows nothing of a failure by itself",
}
"""What is held, and no line can be taken away for: each with its reason."""


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


def test_each_line_held_names_a_test_that_was_seen_to_fail_or_says_why_none_can() -> None:
    held = [row for row in ROWS if row[2] == "tenue"]
    without = {row[0] for row in held if not any(map(is_seen_to_fail, re.findall(r"`(tests/[^`]+)`", row[-1])))}
    assert without == set(WITHOUT)


def test_each_test_named_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 150
    assert [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")] == []
