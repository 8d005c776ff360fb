"""A test runs on one database or the other, by turn; those of what is written for each database run on both.

The same statements of SQLAlchemy go to both, so that a rule that holds on one fails on the other only by what the two
do differently: locks, counters that many write at once, copies, tables that change, statements that name a database.
The tests of those run on both, and so does whatever is marked `both_databases`. `EVERY_DATABASE=1` runs everything on
both, as `make test-all` does; where PostgreSQL is missing, everything runs on SQLite.
"""

import os
import zlib
from collections.abc import Collection
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
WRITTEN_FOR_EACH = tuple(
    _HERE / room
    for room in (
        "duplicates/standing",
        "limits",
        "notifications/faults",
        "notifications/outbox",
        "saving",
        "siecle/updating",
        "test_database.py",
        "test_schema.py",
        "watching",
    )
) + tuple(sorted((_HERE / "migrations").glob("test_*.py"))[-5:])
"""A migration changes no more once it is released: the last ones only."""
DATABASES = ("sqlite", "postgresql")
PARAMETERS = ("database_url", "lasting_database_url")


def left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests that run on the other database."""
    if os.environ.get("EVERY_DATABASE"):
        return []
    names = {item.nodeid for item in items}
    return [item for item in items if _takes_turns(item) and _runs_on_the_other(item, names)]


def _takes_turns(item: pytest.Item) -> bool:
    if item.get_closest_marker("runs_on") is not None:
        return True
    on_both = any(room in (item.path, *item.path.parents) for room in WRITTEN_FOR_EACH)
    return not on_both and item.get_closest_marker("both_databases") is None


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
