"""Each requirement of docs/sso.md names tests that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "sso.md").read_text("utf-8")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NAMED = sorted(set(TEST.findall(PAGE)))
TABLES = 5
"""Basic OP and Config OP, RP-initiated logout, back-channel logout, ENTs, what is refused."""


@pytest.mark.parametrize(("path", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_that_the_page_names_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_page_names_some() -> None:
    assert len(NAMED) > 30


def lines_of_requirements() -> list[str]:
    """The lines of each table that has one test or more for each requirement."""
    tables = re.findall(r"^\| [^|]+ \| le test \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert len(tables) == TABLES
    return [line for table in tables for line in table.splitlines()]


def test_every_requirement_names_a_test() -> None:
    assert [line for line in lines_of_requirements() if not TEST.search(line)] == []
