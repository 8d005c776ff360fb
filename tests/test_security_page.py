"""docs/security.md names tests that exist: a threat without one is not answered."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
LINES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| **", "| menace"))]


def test_every_threat_names_a_test() -> None:
    assert len(LINES) > 40
    assert [line for line in LINES if "`tests/" not in line.rpartition(" | ")[2]] == []


def test_every_test_named_exists() -> None:
    missing = []
    for path, name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE):
        file = ROOT / path
        if not file.exists() or (name and f"def {name}(" not in file.read_text("utf-8")):
            missing.append(f"{path}::{name}")
    assert missing == []
