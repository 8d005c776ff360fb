"""Logins of parents through the real server on one core, against what Argon2id alone allows on that core.

The server runs alone on the first core; those who log in, on the second. Each login is one POST: CSRF, limits, journal,
session row and redirect included. The two are measured in turns.
"""

import html
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy.engine import URL

from shared.accounts.credentials.passwords import hash_password
from shared.database import Database
from tests.benchmarks.measuring import Target, empty_databases, report
from tests.factories import PASSWORD, make_account, make_establishment, make_guardian, make_student

TARGET = Target(0.75, at_most=False)
ACCOUNTS = 200
ROUNDS = 3
CLIENTS = 8
SECRETS = {
    "SECRET_KEY": "zT9-bench-only-key-1c0e5f7a8b2d4c6e9f0a",
    "INITIAL_PASSWORD_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}
_VERIFY = (
    "import sys, time; from shared.accounts.credentials.passwords import hash_password, password_matches\n"
    "known = hash_password('x'); start = time.perf_counter()\n"
    "for _ in range(int(sys.argv[1])): password_matches('x', known)\n"
    "print(int(sys.argv[1]) / (time.perf_counter() - start))"
)


def run() -> None:
    """Print the figures of both databases."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        print("portal login: needs two cores, one for the server and one for those who log in; not measured")
        return
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            measure(kind, database, Path(folder))


def measure(kind: str, database: Database, folder: Path) -> None:
    """Log everybody in, several times, with bare Argon2id in between."""
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    identifiers = fill(database)
    every_core = os.sched_getaffinity(0)
    ours, alone = [], []
    with serving(database.engine.url, folder, server_core) as port:
        os.sched_setaffinity(0, {client_core})
        try:
            logins_a_second(port, identifiers)
            for _ in range(ROUNDS):
                ours.append(logins_a_second(port, identifiers))
                alone.append(verifications_a_second(server_core))
        finally:
            os.sched_setaffinity(0, every_core)
    report(f"portal logins a second on one core, {kind}", ours, alone, "Argon2id alone", TARGET, unit="/s")


def fill(database: Database) -> list[str]:
    """A school whose guardians have active accounts."""
    identifiers = [f"p.nom{number}" for number in range(1, ACCOUNTS + 1)]
    costly = hash_password(PASSWORD)
    with database.writing() as session:
        school = make_establishment(session)
        student = make_student(session, school)
        for identifier in identifiers:
            make_account(session, identifier, make_guardian(session, school, student)).password_hash = costly
    return identifiers


@contextmanager
def serving(url: URL, folder: Path, core: int | None = None, application: str = "portal") -> Iterator[int]:
    """An application under gunicorn, on one core or on all; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        **SECRETS,
        "DATABASE_URL": url.render_as_string(hide_password=False).replace("+psycopg", ""),
        "VAR_DIR": str(folder),
        "PUBLIC_PORTAL_URL": f"http://127.0.0.1:{port}",
        "PUBLIC_ADMIN_URL": f"http://127.0.0.1:{port}/administration",
    }
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
    there = [] if core is None else ["taskset", "-c", str(core)]
    server = subprocess.Popen([*there, *command, "--log-level", "warning", f"wsgi:{application}"], env=environment)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(port: int) -> None:
    """Until somebody answers at `port`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the portal did not start")


def logins_a_second(port: int, identifiers: list[str]) -> float:
    """Everybody once, over a few connections at a time."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        done = sum(clients.map(lambda share: log_in(port, share), [identifiers[n::CLIENTS] for n in range(CLIENTS)]))
    assert done == len(identifiers)
    return done / (time.perf_counter() - start)


def log_in(port: int, identifiers: list[str]) -> int:
    """Open the form once, and send it for each identifier."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/connexion")
    form = connection.getresponse()
    cookie = form.headers["Set-Cookie"].partition(";")[0]
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.read().decode())
    assert found
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    for identifier in identifiers:
        fields = {"identifier": identifier, "password": PASSWORD, "csrf_token": html.unescape(found[1])}
        connection.request("POST", "/connexion", urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in {302, 303}, answer.status
    connection.close()
    return len(identifiers)


def verifications_a_second(core: int) -> float:
    """What the core does when it does nothing else."""
    command = ["taskset", "-c", str(core), sys.executable, "-c", _VERIFY, str(ACCOUNTS)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    run()
