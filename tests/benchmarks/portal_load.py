"""The home page of fifty parents at once under gunicorn with two workers, against a bare Flask page of the same size.

Both are served by the same gunicorn, in turns. The parents are in a process of their own, logged in, one connection
each, and ask again as soon as they are answered.
"""

import html
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from parent_portal import create_app
from shared import clock
from shared.database import Database
from shared.establishments.links import add_link
from shared.establishments.services import fill_catalogue
from shared.establishments.settings import set_welcome_message
from shared.journal import COMMAND
from shared.web.gunicorn import portal
from tests.benchmarks.measuring import Target, empty_databases, peak_of_processes, report
from tests.benchmarks.portal_login import SECRETS, wait_for
from tests.factories import (
    PASSWORD,
    at_desk,
    make_account,
    make_division,
    make_establishment,
    make_guardian,
    make_student,
)
from tests.ports import free_port

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

TARGET = Target(10)
PARENTS, ROUNDS, PAGES = 50, 9, 10
BARE = "/nue"
Times = list[float]


def application() -> "WSGIApplication":
    """What gunicorn serves: the portal, and beside it the bare page."""
    bare = Flask("bare")

    @bare.get("/")
    def page() -> str:
        return "x" * int(request.args["octets"])

    return DispatcherMiddleware(create_app(), {BARE: bare})


def run() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            fill(database)
            with serving(database, Path(folder)) as (port, server):
                asked = [sys.executable, "-m", "tests.benchmarks.portal_load", str(port)]
                home, bare = json.loads(subprocess.run(asked, stdout=subprocess.PIPE, check=True).stdout)
                memory = peak_of_processes(server.pid)
            what = f"home page, 95th percentile with {PARENTS} parents at once, {kind}"
            report(what, home, bare, "a bare page of the same size", TARGET)
            print(f"  {ROUNDS * PARENTS * PAGES} pages without an error; gunicorn at most {memory:.0f} MiB in all")


def fill(database: Database) -> None:
    """Fifty parents of two children each, in a school that says and opens what schools do."""
    with database.writing() as session:
        fill_catalogue(session)
        school = make_establishment(session)
        division = make_division(session, school)
        set_welcome_message(
            at_desk(session, school.id, now=clock.now(), actor=COMMAND), "Bienvenue. **Rentrée** le 1er.\n" * 20, 0
        )
        for number in range(5):
            add_link(
                at_desk(session, school.id, now=clock.now(), actor=COMMAND), f"Lien {number}", "https://exemple.fr"
            )
        for number in range(PARENTS):
            children = [make_student(session, school, division, first_name=name) for name in ("Léa", "Tom")]
            make_account(session, f"p.nom{number}", make_guardian(session, school, *children))


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The two pages under gunicorn with two workers; gives its port and its process."""
    port = free_port()
    environment = {
        **os.environ,
        **SECRETS,
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False).replace("+psycopg", ""),
        "VAR_DIR": str(folder),
        "PUBLIC_PORTAL_URL": f"http://127.0.0.1:{port}",
    }
    threads = str(portal.threads)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", threads]
    worker = ["--worker-class", "shared.web.serving.HurriedWorker", "--reuse-port", "--no-control-socket"]
    server = subprocess.Popen(
        [*command, *worker, "--keep-alive", "75", "tests.benchmarks.portal_load:application()"], env=environment
    )
    try:
        wait_for(port)
        yield port, server
    finally:
        server.terminate()
        server.wait(timeout=30)


def ask_as_parents(port: int) -> tuple[Times, Times]:
    """The 95th percentile of each round, of the home page and of the bare one, in seconds."""
    with ThreadPoolExecutor(PARENTS) as parents:
        logged_in = list(parents.map(lambda number: Parent(port, f"p.nom{number}"), range(PARENTS)))
        size = len(logged_in[0].ask("/"))
        pages: dict[str, Times] = {"/": [], f"{BARE}/?octets={size}": []}
        for _ in range(ROUNDS):
            for path, found in pages.items():
                taken = parents.map(times_of(path), logged_in)
                found.append(quantiles([each for times in taken for each in times], n=20)[-1])
    home, bare = pages.values()
    return home, bare


def times_of(path: str) -> Callable[["Parent"], Times]:
    """What a parent does in a round: ask for `path` several times, one after the other."""

    def ask(parent: "Parent") -> Times:
        taken = []
        # The server may have closed what was kept open since the round before.
        parent.connection.close()
        for _ in range(PAGES):
            start = time.perf_counter()
            parent.ask(path)
            taken.append(time.perf_counter() - start)
        return taken

    return ask


class Parent:
    """A parent logged in, over one connection."""

    def __init__(self, port: int, identifier: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookie = ""
        form = self._fetch("GET", "/connexion", 200)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form.decode())
        assert found
        fields = {"identifier": identifier, "password": PASSWORD, "csrf_token": html.unescape(found[1])}
        self._fetch("POST", "/connexion", 303, urlencode(fields))

    def ask(self, path: str) -> bytes:
        """A page, which must be there."""
        return self._fetch("GET", path, 200)

    def _fetch(self, method: str, path: str, expected: int, body: str | None = None) -> bytes:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read()
        assert answer.status == expected, (path, answer.status)
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        return page


if __name__ == "__main__":
    print(json.dumps(ask_as_parents(int(sys.argv[1])))) if len(sys.argv) > 1 else run()
