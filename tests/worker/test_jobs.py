"""The bell: it carries nothing, its loss fails no request, and no work is done twice at once."""

import json
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest

from shared.config import ConfigurationError, Settings
from shared.worker.bells import ring_campaign, ring_mails, ring_uploads
from shared.worker.queue import open_queue
from shared.worker.sweeps import SWEEPS, Bells
from shared.worker.tasks import Work, run_worker


def test_a_queue_that_is_away_fails_no_request(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    away = Settings(**(settings.model_dump() | {"redis_url": "redis://127.0.0.1:1/0"}))
    for ring in (ring_mails, ring_campaign, ring_uploads):
        ring(away)
    assert "the next sweep will find the work" in caplog.text


def test_a_queue_that_is_away_is_told_once_and_waited_for_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = Settings(**(settings.model_dump() | {"redis_url": "redis://127.0.0.1:2/0"}))
    tried: list[str] = []
    bells = Bells(open_queue(away))
    monkeypatch.setattr(bells, "_bells", {kind: partial(_ask_nobody, tried, kind) for kind in SWEEPS})
    for _ in range(100):
        bells.ring("send_mails")
    assert tried == ["send_mails"]
    assert len(caplog.records) == 1


def _ask_nobody(tried: list[str], kind: str) -> None:
    tried.append(kind)
    raise ConnectionError


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
    assert kinds == ["send_mails", "send_sms", "print_letters", "hand_to_print_service", "send_mails"]
    assert all(message.keys() == {"task", "id"} for message in messages)


def test_every_kind_of_work_runs_when_nothing_is_due(settings: Settings) -> None:
    work = Work(settings, threading.Event())
    assert work.kinds.keys() == SWEEPS.keys()
    for do in work.kinds.values():
        do()
    work.close()


def test_a_worker_without_secrets_does_not_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError):
        run_worker(Settings(var_dir=settings.var_dir))
