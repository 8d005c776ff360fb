"""`docs/conformite`: each page says what is to be completed, cites pages that exist, and is found from README."""

import re
from pathlib import Path

import pytest

from parent_portal.ui.accessibility import NOT_ACCESSIBLE
from shared.config import Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "conformite").glob("*.md"))


def anchors(page: Path) -> set[str]:
    """Of its headings, as forges write them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_four() -> None:
    assert [page.stem for page in PAGES] == ["accessibilite", "aipd", "homologation", "registre"]


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_each_says_what_is_to_be_completed_and_cites_what_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count("**À compléter**") >= 5
    for target in re.findall(r"\]\(([^)]+)\)", text):
        name, _, anchor = target.partition("#")
        cited = (page.parent / name).resolve()
        assert cited.exists(), target
        assert not anchor or anchor in anchors(cited), target
    assert f"docs/conformite/{page.name}" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_settings_and_targets_that_it_names_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    known = {name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"`([A-Z]+_[A-Z_]+)`", text)) - known == set()
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [name for name in re.findall(r"`make (\w+)`", text) if f"\n{name}:" not in makefile] == []


def test_what_is_not_accessible_is_the_same_on_the_page_and_in_the_declaration() -> None:
    text = (ROOT / "docs" / "conformite" / "accessibilite.md").read_text("utf-8")
    table = text.partition("## Ce qui n'est pas accessible")[2]
    assert re.findall(r"^\| ([^|]+\.) \|", table, re.MULTILINE) == list(NOT_ACCESSIBLE)
