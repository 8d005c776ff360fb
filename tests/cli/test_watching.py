"""`teleservices status`, `check` and `metrics`: what monitoring relies on (R38)."""

import os
import signal
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.notifications import Channel
from shared.models.sending.outages import ChannelOutage
from shared.watching.signs import SignOfLife, note_daily_run
from tests.cli.conftest import Command
from tests.factories import make_account
from tests.patience import ended, wait_until
from tests.ports import free_port
from tests.watching.versions import EARLIER, LATER, tables_of


@pytest.fixture
def working(database: Database, environment: dict[str, str]) -> None:
    """An installation where all is well."""
    Path(environment["VAR_DIR"]).mkdir(mode=0o700, exist_ok=True)
    now = clock.now()
    with database.writing() as session:
        SignOfLife(now).give(session, now)
        note_daily_run(session, now, now)


def levels(answer: dict[str, object]) -> dict[str, str]:
    return {one["name"]: one["level"] for one in answer["findings"]}  # type: ignore[attr-defined, index]


def test_the_status_is_the_exit_status(run: Command, working: None, database: Database) -> None:
    good = run("status", "--json")
    assert (good.status, good.json["level"], set(levels(good.json).values())) == (0, "good", {"good"})
    now = clock.now()
    with database.writing() as session:
        session.add(
            ChannelOutage(channel=Channel.MAIL, since=now, trials=1, next_trial_at=now, reason="connexion refusée")
        )
    attention = run("status")
    assert attention.status == 1
    assert "ATTENTION Serveur de courriel : en panne depuis 0 min : connexion refusée" in attention.out
    with database.writing() as session:
        session.get_one(ChannelOutage, Channel.MAIL).since = now - timedelta(hours=2)
    assert run("status").status == 2


def test_a_database_that_is_away_or_older_is_critical_and_no_traceback(
    run: Command, working: None, database: Database
) -> None:
    away = run("status", "--json", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert (away.status, levels(away.json)["Base de données"]) == (2, "critical")
    for revision, status in ((LATER, 1), (EARLIER, 2)):
        with tables_of(database, revision):
            answer = run("status")
        assert answer.status == status
        assert "Base de données : ses tables" in answer.out


def test_every_setting_is_tried_and_what_is_wrong_is_named(run: Command, working: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = {
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": "1",
        "DUPLICATES_DIR": str(tmp_path / "file"),
        "PUBLIC_PORTAL_URL": "http://127.0.0.1:1",
        "PUBLIC_ADMIN_URL": "http://127.0.0.1:1",
    }
    answer = run("check", "--json", **wrong)
    assert answer.status == 2
    found = levels(answer.json)
    bad = {"Redis", "Serveur de courriel", "DUPLICATES_DIR", "Portail", "Administration"}
    assert {name for name, level in found.items() if level == "critical"} == bad
    good = {"Base de données", "Tables", "INITIAL_PASSWORD_KEY", "VAR_DIR"}
    assert good <= {name for name, level in found.items() if level == "good"}


def test_another_key_is_found(run: Command, working: None, database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        make_account(session, "p.un", state=AccountState.NOT_NOTIFIED, sealer=sealer)
    answer = run("check", "--json", INITIAL_PASSWORD_KEY="A" * 43 + "=")
    assert levels(answer.json)["INITIAL_PASSWORD_KEY"] == "critical"
    assert "A" * 43 not in answer.out


@pytest.mark.slow
def test_prometheus_is_answered_until_it_is_stopped(
    environment: dict[str, str], working: None, database: Database
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "shared.cli", "metrics", "--port", str(port)]
    said = ""

    def answers() -> bool:
        nonlocal said
        try:
            said = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30).read().decode()
        except OSError:
            return False
        return True

    with subprocess.Popen(command, env={**os.environ, **environment}) as server:
        try:
            wait_until(answers, "it answers")
            server.send_signal(signal.SIGTERM)
            assert ended(server) == 0
        finally:
            server.kill()
    assert "teleservices_up 1.0" in said
    assert "teleservices_workers 1.0" in said
    assert 'teleservices_level{finding="Travail de fond"} 0.0' in said
