"""The bell: it carries nothing, its loss fails no request, and no work is done twice at once."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from shared.config import ConfigurationError, Settings
from shared.worker.tasks import SWEEPS, OneAtATime, Work, ring_campaign, ring_mails, ring_uploads, run_worker
from tests.patience import STILL_SECONDS


def test_a_queue_that_is_away_fails_no_request(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    away = Settings(**(settings.model_dump() | {"redis_url": "redis://127.0.0.1:1/0"}))
    for ring in (ring_mails, ring_campaign, ring_uploads):
        ring(away)
    assert "the next sweep will find the work" in caplog.text


def test_a_queue_that_cannot_be_written_fails_no_request(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    ring_mails(Settings(**(settings.model_dump() | {"var_dir": tmp_path / "file" / "var"})))
    assert "the next sweep will find the work" in caplog.text


def test_what_is_rung_carries_nothing_but_the_kind_of_work(settings: Settings) -> None:
    ring_campaign(settings)
    ring_mails(settings)
    with sqlite3.connect(settings.var_dir / "queue.db") as queue:
        messages = [json.loads(data) for (data,) in queue.execute("SELECT data FROM task ORDER BY id")]
    kinds = [message["task"].rpartition(".")[2] for message in messages]
    assert kinds == ["send_mails", "print_letters", "send_mails"]
    assert all(message.keys() == {"task", "id"} for message in messages)


def test_work_rung_while_it_runs_is_looked_at_again() -> None:
    entered, go_on, turns = threading.Event(), threading.Event(), []

    def work() -> None:
        turns.append(1)
        entered.set()
        go_on.wait(STILL_SECONDS)

    once = OneAtATime(work)
    thread = threading.Thread(target=once)
    thread.start()
    assert entered.wait(STILL_SECONDS)
    once()
    assert len(turns) == 1
    go_on.set()
    thread.join(STILL_SECONDS)
    assert len(turns) == 2


def test_work_that_fails_can_be_done_again() -> None:
    turns: list[int] = []

    def work() -> None:
        turns.append(1)
        raise OSError

    once = OneAtATime(work)
    for _ in range(2):
        with pytest.raises(OSError):
            once()
    assert len(turns) == 2


def test_every_kind_of_work_runs_when_nothing_is_due(settings: Settings) -> None:
    work = Work(settings, threading.Event())
    for kind in SWEEPS:
        getattr(work, kind)()
    work.close()


def test_a_worker_without_secrets_does_not_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError):
        run_worker(Settings(var_dir=settings.var_dir))
