"""The tests of pages run on one database or the other, by turn; those of rules, queries and faults run on both.

A page only calls rules, which are tested on each database where they live, and the journeys in a browser are too.
`EVERY_DATABASE=1` runs the tests of pages on both.
"""

import os
import zlib
from collections.abc import Collection
from pathlib import Path

import pytest

OF_PAGES = tuple(Path(__file__).parent / application for application in ("admin", "portal"))
DATABASES = ("sqlite", "postgresql")


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests of pages that run on the other database."""
    if os.environ.get("EVERY_DATABASE"):
        return []
    names = {item.nodeid for item in items}
    return [item for item in items if _is_of_a_page(item) and _runs_on_the_other(item, names)]


def _is_of_a_page(item: pytest.Item) -> bool:
    return item.get_closest_marker("both_databases") is None and any(folder in item.path.parents for folder in OF_PAGES)


def _runs_on_the_other(item: pytest.Item, names: Collection[str]) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    here = params.get("database_url")
    if here not in DATABASES:
        return False
    other = DATABASES[1 - DATABASES.index(here)]
    alike = sorted((item.nodeid, item.nodeid.replace(here, other)))
    # The same turn in every run and every process: the names decide.
    return alike[0] != alike[1] and set(alike) <= names and alike[zlib.crc32(alike[0].encode()) % 2] != item.nodeid
