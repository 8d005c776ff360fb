"""`teleservices serve`: what it starts, and how it ends; the processes are real."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from shared.cli.school import demonstration
from shared.database import Database
from shared.demo.lemonldap import is_installed
from tests.cli.conftest import Command
from tests.conftest import skip_or_fail
from tests.patience import ended, wait_until
from tests.ports import free_port, three_ports

pytestmark = [pytest.mark.slow, pytest.mark.runs_on("sqlite")]


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/sante", timeout=30) as said:
            return said.read() == b"ok\n"
    except OSError:
        return False


@contextmanager
def served(
    environment: dict[str, str], *options: str, stdout: int | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "shared.cli", "serve", *options]
    own = {**os.environ, **environment, "WEB_CONCURRENCY": "1"}
    with subprocess.Popen(command, env=own, stdout=stdout) as server:
        family = [server.pid]
        try:
            yield server
        finally:
            family += [one.pid for one in psutil.process_iter() if _is_of(one, server.pid)]
            for process in family:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def _is_of(process: psutil.Process, wrapper: int) -> bool:
    try:
        return process.environ().get("TELESERVICES_WRAPPER") == str(wrapper)
    except psutil.Error:
        return False


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_one_application_alone_and_an_end_that_is_no_failure(environment: dict[str, str], database: Database) -> None:
    port = free_port()
    with served(environment, "--only", "portal", "--portal-port", str(port)) as server:
        wait_until(lambda: answers(port), "the portal answers")
        commands = [" ".join(one.cmdline()) for one in psutil.process_iter() if _is_of(one, server.pid)]
        assert any("gunicorn.portal" in one for one in commands)
        assert [one for one in commands if "worker" in one or "gunicorn.admin" in one] == []
        server.send_signal(signal.SIGTERM)
        assert ended(server) == 0


def test_it_says_the_address_that_people_open_where_one_is_configured(
    environment: dict[str, str], database: Database
) -> None:
    port = free_port()
    public = environment | {"PUBLIC_PORTAL_URL": f"http://localhost:{port}"}
    with served(public, "--only", "portal", "--portal-port", str(port), stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        said = server.stdout.readline().decode()
    assert said == f"Portail des parents : http://localhost:{port} (servi à http://127.0.0.1:{port})\n"


def test_what_it_started_ends_with_it_when_it_is_killed(environment: dict[str, str], database: Database) -> None:
    admin, portal = free_port(), free_port()
    with served(environment, "--admin-port", str(admin), "--portal-port", str(portal)) as server:
        wait_until(lambda: answers(admin) and answers(portal), "both answer")
        started = psutil.Process(server.pid).children(recursive=True)
        assert len(started) >= 5
        server.kill()
        left = lambda: [one.pid for one in started if alive(one)]  # noqa: E731
        wait_until(lambda: not left(), "all of them end", left)


def test_the_servers_of_sign_on_end_with_it_when_it_is_killed(
    environment: dict[str, str], database: Database, run: Command
) -> None:
    if not is_installed():
        skip_or_fail("no LemonLDAP::NG on this machine (apt install liblemonldap-ng-portal-perl)")
    first, (admin, portal) = three_ports(), (free_port(), free_port())
    made = run("demo", "--students", "10", "--sso", "--sso-port", str(first))
    assert made.status == 0, made.out
    ports = ("--admin-port", str(admin), "--portal-port", str(portal))
    with served(environment, *ports, "--sso") as server:
        wait_until(lambda: all(map(listens, (first, first + 1, first + 2))), "all of them answer")
        wait_until(lambda: answers(admin) and answers(portal), "both applications answer")
        started = psutil.Process(server.pid).children(recursive=True)
        assert sum("plackup" in " ".join(one.cmdline()) for one in started) >= 2
        server.kill()
        left = lambda: [one.pid for one in started if alive(one)]  # noqa: E731
        wait_until(lambda: not left(), "all of them end", left)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_without_lemonldap_the_demonstration_says_what_to_install(
    run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demonstration, "is_installed", lambda: False)
    refused = run("demo", "--sso")
    assert refused.status == 1
    assert "LemonLDAP::NG n'est pas installé" in refused.err
    assert "apt install liblemonldap-ng-portal-perl" in refused.err


def test_two_servers_do_not_share_a_port_without_a_word(environment: dict[str, str], database: Database) -> None:
    port = free_port()
    with served(environment, "--only", "portal", "--portal-port", str(port)):
        wait_until(lambda: answers(port), "the portal answers")
        command = [sys.executable, "-m", "gunicorn", "-c", "python:shared.web.gunicorn.admin"]
        second = subprocess.run(
            [*command, "--bind", f"127.0.0.1:{port}"],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode != 0
        assert f"Le port {port} est déjà pris" in second.stderr
        assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "La base de données n'est pas à jour : lancez « teleservices init-db »."),
        ({"SECRET_KEY": ""}, "Réglages absents : SECRET_KEY."),
        ({"TIME_ZONE": "Mars/Olympus"}, "Réglage refusé : TIME_ZONE n'est pas un fuseau connu"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "La base de données ne répond pas"),
    ],
)
def test_a_server_that_would_start_in_vain_says_why_once(
    environment: dict[str, str], tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    """As its unit starts it: what each of its processes would find is no refusal that anybody reads."""
    empty = {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db", "PORTAL_BIND": f"127.0.0.1:{free_port()}"}
    refused = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "python:shared.web.gunicorn.portal"],
        env={**os.environ, **environment, **empty, **changes},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert refused.stderr.count(said) == 1
    assert "Traceback" not in refused.stderr


def test_a_mailbox_beside_one_application_is_a_wrong_usage(run: Command) -> None:
    assert run("serve", "--only", "portal", "--mailbox-port", "5003").status == 2
