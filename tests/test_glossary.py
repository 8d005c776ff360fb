"""The glossary names things that exist, and every table that users know of."""

import importlib
import pkgutil
import re
from pathlib import Path

import shared.models

ROWS = [
    row.split("|")[2]
    for row in Path(__file__).parent.parent.joinpath("docs/glossaire.md").read_text("utf-8").splitlines()
    if row.startswith("| ")
][1:]
TABLES = [
    importlib.import_module(found.name) for found in pkgutil.walk_packages(shared.models.__path__, "shared.models.")
]
NAMES = [name for row in ROWS for name in re.findall(r"`([^`]+)`", row)]


def test_every_name_of_the_glossary_is_one_of_the_code() -> None:
    assert len(NAMES) > 20
    for name in NAMES:
        if name.startswith("shared."):
            importlib.import_module(name)
        else:
            assert any(hasattr(tables, name) for tables in TABLES), name
