"""`make defences`: takes each defence away in a copy of the project, and says whether its tests notice.

`python -m tests.defences "row 4"` does those whose name holds this.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.defences.everything import EVERY_DEFENCE
from tests.defences.table import Defence

ROOT = Path(__file__).parent.parent.parent
COPIED = ("admin_app", "parent_portal", "shared", "templates", "tests", "docs")
TESTS_FAILED = 1
"""What pytest ends with when it ran tests, and some failed."""


def main(wanted: list[str]) -> int:
    """Do those that were named, or all of them; returns how many are held by nothing."""
    chosen = [one for one in EVERY_DEFENCE if not wanted or any(name in one.of for name in wanted)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("wsgi.py", "pyproject.toml", "CHANGELOG.md"):
            shutil.copy(ROOT / name, copy / name)
        unnoticed = [one for one in chosen if not is_missed(copy, one)]
    print(f"\n{len(chosen) - len(unnoticed)} of {len(chosen)} defences are missed by their tests when they are away")
    return len(unnoticed)


def is_missed(copy: Path, defence: Defence) -> bool:
    """Whether each of its tests fails without the defence."""
    file = copy / defence.path
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(defence.text, defence.instead), "utf-8")
    try:
        ended = [run(copy, test) for test in defence.tests]
    finally:
        file.write_text(whole, "utf-8")
    missed = all(code == TESTS_FAILED for code in ended)
    print(
        f"{'missed' if missed else 'NOT MISSED'}  {defence.of} ({defence.path}): pytest ended with {ended}", flush=True
    )
    return missed


def run(copy: Path, test: str) -> int:
    """Run one test, on both databases; what pytest ends with."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test]
    # What a test starts reads the copy too, not the project that is installed.
    environment = {**os.environ, "PYTHONPATH": str(copy), "EVERY_DATABASE": "1"}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    return subprocess.run(command, cwd=copy, env=environment, **silent).returncode


if __name__ == "__main__":
    raise SystemExit(1 if main(sys.argv[1:]) else 0)
