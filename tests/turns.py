"""Which tests have their turn: on which database, and the costliest in which of the runs.

A test runs on one database or the other, by turn; those of what is written for each database run on both.

The same statements of SQLAlchemy go to both, so that a rule that holds on one fails on the other only by what the two
do differently: locks, counters that many write at once, copies, tables that change, statements that name a database.
The tests of those run on both, and so does whatever is marked `both_databases`. `EVERY_DATABASE=1` runs everything on
both, as `make test-all` does; where PostgreSQL is missing, everything runs on SQLite.

Half of what the suite costs is in few tests: those that walk everything in many variants, and those of what changes no
more. One in `SHARES` of them runs, others after each commit, so that all had their turn after as many. `EVERY_TURN=1`
runs them all, as `make test-all` does, and so does naming their file.
"""

import os
import subprocess
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
COSTLY = tuple(
    _HERE / room
    for room in (
        "accounts/credentials/strength/test_passwords.py",
        "admin/test_dishonest_delegate.py",
        "admin/test_fuzz.py",
        "admin/test_sign_on.py",
        "admin/test_sign_on_saml.py",
        "admin/test_upload_fuzz.py",
        "browser/test_by_keyboard.py",
        "browser/test_demo_sso.py",
        "browser/test_duplicates.py",
        "browser/test_duplicates_to_the_end.py",
        "browser/test_editor.py",
        "browser/test_every_admin_page.py",
        "browser/test_every_page.py",
        "browser/test_import_losses.py",
        "browser/test_kill.py",
        "browser/test_paper.py",
        "browser/test_routine.py",
        "browser/test_search.py",
        "cli/test_files_of_schools.py",
        "cli/test_serving.py",
        "duplicates/test_import_after.py",
        "limits/test_throttling.py",
        "notifications/bounces/test_bounces.py",
        "notifications/faults",
        "notifications/letters/test_letters.py",
        "notifications/sms/test_called.py",
        "notifications/test_worker.py",
        "operating",
        "portal/test_fuzz.py",
        "provider/ents/test_bad_questions.py",
        "provider/ents/test_fuzz.py",
        "provider/test_bad_requests.py",
        "provider/test_fuzz.py",
        "retention/test_three_years.py",
        "saving",
        "september",
        "siecle/invented/test_invented.py",
        "siecle/reading/test_bad_input.py",
        "siecle/reading/test_half_good_records.py",
        "siecle/reading/test_hostile_files.py",
        "siecle/recognising/test_two_schools_law.py",
        "siecle/recognising/test_who_is_who.py",
        "siecle/updating/test_importing_again.py",
        "test_front_portal.py",
        "test_patterns.py",
        "test_private_files.py",
        "test_relay.py",
        "test_systemd.py",
        "test_wheel.py",
        "web/test_slow_clients.py",
    )
) + tuple(sorted((_HERE / "migrations").glob("test_*.py"))[:-5])
"""Rooms and files of which each test costs a second or more, as measured; what they hold of one kind is much alike."""
SHARES = 6
DATABASES = ("sqlite", "postgresql")
PARAMETERS = ("database_url", "lasting_database_url")


def of_other_database(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests that run on the other database."""
    if os.environ.get("EVERY_DATABASE"):
        return []
    names = {item.nodeid for item in items}
    return [item for item in items if _takes_turns(item) and _runs_on_the_other(item, names)]


def of_other_shares(items: list[pytest.Item], asked: Collection[str]) -> list[pytest.Item]:
    """The costly tests whose turn is after another commit; none of a file that is `asked` for by its name."""
    if os.environ.get("EVERY_TURN"):
        return []
    named = {Path(one.partition("::")[0]).resolve() for one in asked}
    costly = [item for item in items if item.path not in named and _is_in(COSTLY, item)]
    turn = _commits() % SHARES if costly else 0
    return [item for item in costly if zlib.crc32(item.nodeid.encode()) % SHARES != turn]


def _commits() -> int:
    """How many commits lead here; 0 in a copy without its past."""
    counted = subprocess.run(
        ("git", "rev-list", "--count", "HEAD"), cwd=_HERE, capture_output=True, text=True, check=False
    )
    return int(counted.stdout) if counted.returncode == 0 else 0


def _is_in(rooms: Collection[Path], item: pytest.Item) -> bool:
    return any(room in (item.path, *item.path.parents) for room in rooms)


def _takes_turns(item: pytest.Item) -> bool:
    if item.get_closest_marker("runs_on") is not None:
        return True
    return not _is_in(WRITTEN_FOR_EACH, item) and item.get_closest_marker("both_databases") is None


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
