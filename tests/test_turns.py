"""What `make test` leaves out has its turn after another commit, and nothing is left out of every run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import turns
from tests.turns import COSTLY, SHARES, of_other_shares

HERE = Path(__file__).parent


def items(path: Path, number: int = 60) -> list[Any]:
    return [SimpleNamespace(path=path, nodeid=f"{path}::test_{rank}") for rank in range(number)]


@pytest.fixture(autouse=True)
def turns_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EVERY_TURN", raising=False)


def test_each_costly_test_runs_once_in_as_many_commits_as_there_are_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    costly = items(HERE / "september" / "test_september.py")
    run: list[str] = []
    for commits in range(10, 10 + SHARES):
        monkeypatch.setattr(turns, "_commits", lambda commits=commits: commits)
        left_out = {item.nodeid for item in of_other_shares(costly, ["tests"])}
        run += [item.nodeid for item in costly if item.nodeid not in left_out]
    assert sorted(run) == sorted(item.nodeid for item in costly)


def test_the_others_run_after_each_commit() -> None:
    assert of_other_shares(items(HERE / "test_turns.py"), ["tests"]) == []


def test_a_file_that_is_named_runs_whole() -> None:
    path = HERE / "september" / "test_september.py"
    assert of_other_shares(items(path), [f"{path}::test_1"]) == []


def test_all_run_when_all_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVERY_TURN", "1")
    assert of_other_shares(items(HERE / "september" / "test_september.py"), ["tests"]) == []


@pytest.mark.parametrize("room", COSTLY, ids=lambda room: room.name)
def test_what_takes_turns_is_there(room: Path) -> None:
    assert room.exists()
