"""What families and schools do at once while somebody works on the machines, and how each of it was answered."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import requests
from lxml import html

from tests.operating.seed import HEADS, IMPORTING, NOTIFYING
from tests.operating.visitors import NotServed, Visitor

PAUSE_SECONDS = 0.2
"""Between two things that one person does."""
LISTS = ("/", "/responsables/comptes/", "/responsables/notifications/", "/statistiques/", "/journal/")
NOTIFY = "/responsables/notifier/?vu=1&mode=mail&division={division}&aller=confirmer"
LINKS, IMPORTS = "/parametrage/liens/", "/base/imports/"


@dataclass(frozen=True)
class Refused:
    """Something that somebody did and that was not answered as it should."""

    began: float
    ended: float
    what: str


@dataclass
class Load:
    """The people at work, and what became of what they did; times are those of `time.monotonic`."""

    port: int
    divisions: int
    files: tuple[Path, ...]
    pause: float = 5 * PAUSE_SECONDS
    """Between two campaigns, in seconds."""
    refused: list[Refused] = field(default_factory=list)
    done: int = 0
    """How many things were done and answered."""
    links: list[str] = field(default_factory=list)
    """The labels of links whose addition was acknowledged."""
    campaigns: set[int] = field(default_factory=set)
    """The divisions whose notification was acknowledged."""
    imports: list[str] = field(default_factory=list)
    """The pages of imports whose confirmation was acknowledged."""
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def at_work(self, parents: int) -> Iterator[None]:
        """Everybody, until the end of the block; what was begun is ended."""
        people = [threading.Thread(target=self._parent, args=(number,)) for number in range(parents)]
        people += [threading.Thread(target=do) for do in (self._reader, self._notifier, self._linker, self._importer)]
        for person in people:
            person.start()
        try:
            yield
        finally:
            self._stopping.set()
            for person in people:
                person.join()

    def _try(self, do: Callable[[], object]) -> bool:
        """Do it, and note how it was answered."""
        began = time.monotonic()
        try:
            do()
        except (NotServed, requests.RequestException) as error:
            self.refused.append(Refused(began, time.monotonic(), f"{type(error).__name__}: {error}"))
            done = False
        else:
            done = True
            with self._lock:
                self.done += 1
        self._stopping.wait(PAUSE_SECONDS)
        return done

    def _insist(self, do: Callable[[], object]) -> None:
        """Until it is answered, or the end."""
        while not self._stopping.is_set() and not self._try(do):
            pass

    def _parent(self, number: int) -> None:
        """Comes in, looks at the home page and at the account, and comes in anew."""
        visitor = Visitor(self.port, "portal", number)
        while not self._stopping.is_set():
            for do in (
                lambda: visitor.log_in("/connexion", "identifier", f"p.nom{number}"),
                lambda: visitor.get("/"),
                lambda: visitor.get("/compte"),
            ):
                if not self._try(do):
                    break

    def _head(self, uai: str, number: int) -> Visitor:
        visitor = Visitor(self.port, "admin", number)
        self._insist(lambda: visitor.log_in("/connexion/", "login", HEADS[uai]))
        return visitor

    def _reader(self) -> None:
        visitor = self._head(NOTIFYING, 200)
        while not self._stopping.is_set():
            for path in LISTS:
                self._try(lambda path=path: visitor.get(path))

    def _notifier(self) -> None:
        """Notifies one division after the other; what was not answered is looked up before it is sent again."""
        visitor = self._head(NOTIFYING, 201)
        for number in range(self.divisions):
            self._insist(lambda number=number: self._notify(visitor, number))
            self._stopping.wait(self.pause)

    def _notify(self, visitor: Visitor, number: int) -> None:
        page = NOTIFY.format(division=f"D{number}")
        if b'name="cle"' not in visitor.get(page).content:
            # Nobody is left to notify there: what was not answered had been done.
            self.campaigns.add(number)
            return
        visitor.send(page, {}, lambda form: "cle" in form.fields)
        self.campaigns.add(number)

    def _linker(self) -> None:
        visitor = self._head(NOTIFYING, 202)
        number = 0
        while not self._stopping.is_set():
            number += 1
            label = f"Lien {number}"
            fields = {"libelle": label, "adresse": "https://example.org/"}
            if self._try(lambda fields=fields: visitor.send(LINKS, fields, lambda form: "libelle" in form.fields)):
                self.links.append(label)

    def _importer(self) -> None:
        """Uploads the files of a school, waits until they are checked, confirms, waits until they are in."""
        visitor = self._head(IMPORTING, 203)
        while not self._stopping.is_set():
            begun: list[str] = []
            self._insist(lambda begun=begun: begun.append(self._upload(visitor)))
            if begun and self._wait_for(visitor, begun[0], "Voici ce qui changerait"):
                page, confirm = begun[0], begun[0] + "confirmer"
                self._insist(lambda page=page, confirm=confirm: self._confirm(visitor, page, confirm))
                self.imports.append(page)
                self._wait_for(visitor, page, "Import terminé")

    def _upload(self, visitor: Visitor) -> str:
        answer = visitor.send(IMPORTS, {}, lambda form: "fichiers" in form.fields, self.files)
        return urlparse(answer.headers["Location"]).path

    def _confirm(self, visitor: Visitor, page: str, confirm: str) -> None:
        if any(form.action == confirm for form in html.fromstring(visitor.get(page).content).forms):
            visitor.send(page, {}, lambda form: form.action == confirm)

    def _wait_for(self, visitor: Visitor, page: str, said: str) -> bool:
        """Whether the page says so before the end."""
        shown: list[bool] = []
        while not self._stopping.is_set() and not any(shown):
            self._try(lambda: shown.append(said in visitor.get(page).text))
        return any(shown)
