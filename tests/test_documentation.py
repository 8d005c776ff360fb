"""What the documentation of the code names is in the code; what the code holds is named where one looks for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.cli.program import COMMANDS
from shared.config import Settings

ROOT = Path(__file__).parent.parent
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
OF_THE_CODE = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", ROOT / "docs/architecture.md", *DECISIONS]
MADE_BY_THE_DEMONSTRATION = {"var/siecle"}
THROWN_AWAY = {"channels/folder.py"}
"""Tried on a branch, as the page says."""

PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?(?:\.py)?)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PACKAGES = ("admin_app", "parent_portal", "shared", "tests", "templates", "docs", "requirements")


def paths_named(page: Path) -> Iterator[str]:
    for name in PATH.findall(page.read_text("utf-8")):
        path = name.rstrip("/")
        if path.endswith(".py") or ("/" in path and path.partition("/")[0] in PACKAGES):
            yield path


def is_there(path: str) -> bool:
    """Whether it is a file or a folder of the project, or the end of the path of one."""
    if (ROOT / path).exists():
        return True
    return any(
        found.as_posix().endswith(f"/{path}") for package in PACKAGES for found in (ROOT / package).rglob("*.py")
    )


@pytest.mark.parametrize("page", OF_THE_CODE, ids=lambda page: page.stem)
def test_every_module_that_is_named_is_there(page: Path) -> None:
    assert {path for path in paths_named(page) if not is_there(path)} <= MADE_BY_THE_DEMONSTRATION | THROWN_AWAY


@pytest.mark.parametrize(
    "page", sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")}), ids=lambda page: page.stem
)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()] == []


def test_every_decision_is_on_the_page_of_the_architecture() -> None:
    listed = LINK.findall((ROOT / "docs/architecture.md").read_text("utf-8"))
    assert {f"decisions/{page.name}" for page in DECISIONS if page.name != "README.md"} <= set(listed)


def test_the_architecture_says_what_each_part_of_shared_is_for() -> None:
    page = (ROOT / "docs/architecture.md").read_text("utf-8")
    parts = [path for path in (ROOT / "shared").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    names = {path.name for path in parts if path.name != "__init__.py"}
    assert {name for name in names if not re.search(rf"`shared/{re.escape(name)}[`/]", page)} == set()


def test_the_readme_has_every_setting_and_every_command() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    assert {name for name in Settings.model_fields if f"`{name.upper()}`" not in page} == set()
    assert {name for name in COMMANDS if f"`{name}`" not in page} == set()
