"""What is installed is locked: every version and hash is written down, and agrees with what pyproject.toml asks for."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OF_OURS = "teleservices[demo]"
ASKED = {
    "app.txt": PROJECT["dependencies"],
    "demo.txt": PROJECT["dependencies"] + EXTRAS["demo"],
    "dev.txt": PROJECT["dependencies"] + EXTRAS["demo"] + [one for one in EXTRAS["dev"] if one != OF_OURS],
}


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Each line of a lock file, with the hashes that pip accepts for it."""
    text = (ROOT / "requirements" / name).read_text("utf-8").replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(line[0].strip()), [one.strip() for one in line[1:]]) for line in lines]


@pytest.mark.parametrize("name", ASKED)
def test_every_version_is_fixed_and_has_its_hashes(name: str) -> None:
    rows = locked(name)
    assert len(rows) > 50
    assert [str(row) for row, _ in rows if not re.fullmatch(r"==[^,*]+", str(row.specifier))] == []
    assert [row.name for row, hashes in rows if not hashes] == []


@pytest.mark.parametrize("name", ASKED)
def test_what_is_locked_is_what_is_asked_for(name: str) -> None:
    versions: dict[str, list[str]] = {}
    for row, _ in locked(name):
        versions.setdefault(canonicalize_name(row.name), []).append(str(row.specifier).removeprefix("=="))
    asked = [Requirement(text) for text in ASKED[name]]
    wrong = [
        str(one)
        for one in asked
        if not all(one.specifier.contains(version) for version in versions.get(canonicalize_name(one.name), ["0"]))
    ]
    assert wrong == [], "run « make lock »"


def test_no_place_to_download_from_is_written() -> None:
    text = "".join((ROOT / "requirements" / name).read_text("utf-8") for name in ASKED)
    assert "://" not in text
    assert "index-url" not in text


def test_the_library_of_the_editor_is_the_one_that_its_lock_builds() -> None:
    folder, built = ROOT / "requirements" / "prosemirror", ROOT / "admin_app" / "static" / "editor" / "prosemirror.js"
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    parts = {path.removeprefix("node_modules/"): one for path, one in lock.items() if path and not one.get("dev")}
    licence = built.with_name("prosemirror.LICENSE.md").read_text("utf-8")
    asked = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    assert {name: parts[name]["version"] for name in asked} == asked
    assert [name for name, one in parts.items() if not one["integrity"].startswith("sha512-")] == []
    assert [name for name, one in parts.items() if f"- {name} {one['version']}\n" not in licence] == []
    # « make prosemirror » makes the same file again, byte for byte.
    assert hashlib.sha256(built.read_bytes()).hexdigest() in licence
