"""The tests that a page of docs names: who reads the page must find them."""

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named_in(text: str) -> list[tuple[str, str]]:
    """The file and the name of each test that stands in `text`, in its order."""
    return _NAMED.findall(text)


def missing_among(named: Iterable[tuple[str, str]]) -> list[str]:
    """Those of them that do not exist."""
    return [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or f"def {test}(" not in (ROOT / file).read_text("utf-8")
    ]
