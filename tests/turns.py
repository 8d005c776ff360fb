"""The tests of edges run on one database or the other, by turn; those of rules, queries and faults run on both.

Pages and commands only call rules, which are tested on each database where they live. `EVERY_DATABASE=1` runs
everything on both; where PostgreSQL is missing, everything runs on SQLite.
"""

import os
import zlib
from collections.abc import Collection
from pathlib import Path

import pytest

OF_EDGES = tuple(Path(__file__).parent / edge for edge in ("admin", "portal", "provider", "cli"))
DATABASES = ("sqlite", "postgresql")
PARAMETERS = ("database_url", "lasting_database_url")


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests that run on the other database."""
    if os.environ.get("EVERY_DATABASE"):
        return []
    names = {item.nodeid for item in items}
    return [item for item in items if _takes_turns(item) and _runs_on_the_other(item, names)]


def _takes_turns(item: pytest.Item) -> bool:
    if item.get_closest_marker("both_databases") is not None:
        return False
    is_of_an_edge = any(folder in item.path.parents for folder in OF_EDGES)
    return is_of_an_edge or item.get_closest_marker("runs_on") is not None


def _runs_on_the_other(item: pytest.Item, names: Collection[str]) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    here = next((params[name] for name in PARAMETERS if params.get(name) in DATABASES), None)
    if here is None:
        return False
    other = DATABASES[1 - DATABASES.index(here)]
    alike = {database: item.nodeid.replace(here, database) for database in (here, other)}
    return alike[here] != alike[other] and set(alike.values()) <= names and here != _turn_of(item, alike)


def _turn_of(item: pytest.Item, alike: dict[str, str]) -> str:
    marker = item.get_closest_marker("runs_on")
    # The same turn in every run and every process: unless it was chosen, the name decides.
    by_turn = DATABASES[zlib.crc32(min(alike.values()).encode()) % len(DATABASES)]
    return str(marker.args[0]) if marker else by_turn
