"""Logins of parents while members of staff ask for one preview of a letter after the other, and without them.

Both applications behind one port, on SQLite, where whoever held a lock would make everybody wait. The two are measured
in turns; each person asks for as many previews as a person may.
"""

import http.client
import itertools
import re
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from shared.accounts.credentials.passwords import hash_password
from shared.database import Database
from shared.models.school import Establishment
from tests.benchmarks.measuring import Target, empty_databases, report
from tests.benchmarks.portal_login import fill, serving
from tests.factories import PASSWORD, make_staff

TARGET = Target(3)
ROUNDS = 3
LOGINS = 60
LOOPS = 2
"""How many of staff ask at once."""
PREVIEW = "/administration/parametrage/courriers/pdf"
_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Client:
    """A browser: keeps its cookies."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookies: dict[str, str] = {}

    def ask(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and the text of a page; a form is sent when there are `fields`."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if fields is None:
            self._connection.request("GET", path, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            self._connection.request("POST", path, urlencode(fields), headers)
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read().decode(errors="replace")

    def log_in(self, path: str, name: str, login: str) -> None:
        """Through the form at `path`, whose field is called `name`."""
        found = _FIELD.search(self.ask(path)[1])
        assert found
        fields = {name: login, "password": PASSWORD, "csrf_token": unescape(found[1])}
        status, text = self.ask(path, fields)
        assert status in {302, 303}, (status, text[-500:])


def run() -> None:
    """Print the 95th percentile of a login, with previews and without."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        database = databases["SQLite"]
        identifiers = fill(database)
        fill_staff(database)
        with serving(database.engine.url, Path(folder), application="application") as port:
            ours, alone = [], []
            everybody = itertools.cycle(identifiers)
            slowest_logins(port, everybody)
            for turn in range(ROUNDS):
                alone.append(slowest_logins(port, everybody))
                with previews(port, turn) as made:
                    ours.append(slowest_logins(port, everybody))
                assert made, "no preview was made meanwhile"
    report("p95 of a login while previews are asked for, SQLite", ours, alone, "without them", TARGET)


def fill_staff(database: Database) -> None:
    """The people who will ask for previews: others in each turn, since each has so many in five minutes."""
    costly = hash_password(PASSWORD)
    with database.writing() as session:
        school = session.query(Establishment).one()
        for number in range(ROUNDS * LOOPS):
            make_staff(session, f"chef{number}", school).password_hash = costly


def slowest_logins(port: int, identifiers: Iterator[str]) -> float:
    """The 95th percentile of some logins, one after the other, in seconds."""
    took = []
    for identifier in itertools.islice(identifiers, LOGINS):
        client = Client(port)
        client.ask("/connexion")
        start = time.perf_counter()
        client.log_in("/connexion", "identifier", identifier)
        took.append(time.perf_counter() - start)
    return quantiles(took, n=20)[-1]


@contextmanager
def previews(port: int, turn: int) -> Iterator[list[int]]:
    """As long as this lasts, people ask for one preview after the other; what they got."""
    over, made = threading.Event(), []

    def loop(login: str) -> None:
        client = Client(port)
        client.log_in("/administration/connexion/", "login", login)
        while not over.is_set():
            status, _ = client.ask(PREVIEW)
            if status == 200:
                made.append(status)

    people = [threading.Thread(target=loop, args=(f"chef{turn * LOOPS + one}",)) for one in range(LOOPS)]
    for person in people:
        person.start()
    try:
        yield made
    finally:
        over.set()
        for person in people:
            person.join()


if __name__ == "__main__":
    run()
