"""What the fuzz tests of both applications share: which routes, which fields, which nasty values.

Routes come from the application itself, and the fields of a form from its page, its template and its view: no page is
forgotten. Each route is tried once with the tests, then at random; `make fuzz` looks for ten minutes.
"""

import inspect
import io
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from shared.config import TEMPLATES
from tests.factories import PASSWORD

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
EXAMPLES = 10_000_000 if SECONDS else 25
LEAVES = {"logout.index", "login.log_out", "account.log_out_everywhere", "password.change"}
OUR_OWN = {"csrf_token", "etablissement"}
"""Fields that the browser must send as they are, or nothing is looked at."""
OF_FLASK_ADMIN = {"page", "sort", "desc", "search", "page_size", "flt0", "flt1_0", "url", "id"}
FILES = {"static", "admin.static", "site.theme"}
KEY = '{"id": "\\ud800", "rawId": "AA", "type": "public-key", "response": %s}'
NASTY = [
    "",
    "\0",
    "a\0b",
    "\N{SNOWMAN}",
    "\N{REPLACEMENT CHARACTER}",
    "'\"<script>alert(1)</script>",
    "{{ 7*7 }}{% x %}",
    "%s%n%(x)s",
    "../../../etc/passwd",
    "a@b.fr\r\nBcc: x@y.fr",
    "javascript:alert(1)",
    "https://[",
    "http://\N{FULLWIDTH LOW LINE}.fr:99999/\0",
    "-1",
    "0",
    "2147483648",
    "-9223372036854775809",
    "999999999999999999999999",
    "9" * 5000,
    "1e309",
    "NaN",
    "\u202e\u2066",
    "\N{GRINNING FACE}" * 5,
    "x" * 5000,
    "2026-13-45",
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59",
    "é" * 300,
    "٣",
    "²",
    "[]",
    '{"id": NaN}',
    "[" * 4000,
    KEY % "{}",
    KEY % '{"clientDataJSON": "\\ud800", "attestationObject": "////", "authenticatorData": "AA", "signature": 1}',
]
"""Nothing, too much, bytes that databases refuse, numbers and days beyond every column, half a surrogate pair."""
NASTY_FILES = [
    b"",
    b"\0" * 100,
    b"PK\3\4rien",
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    b"\xff" * 9,
]

_as_asked = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not SECONDS,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    database=None,
)


def attack_for_long(attack: Callable[[int], None]) -> None:
    """Attack with one number after the other, until it breaks or the time is up; prints how often it was stood."""
    patience = Patience()

    @_as_asked
    @given(st.integers(0, 2**32))
    def look(seed: int) -> None:
        with patience.unless_it_breaks():
            attack(seed)
        patience.count()

    with suppress(TimeIsUp):
        look()
    mebibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{patience.attacks} attacks stood, in a process of {mebibytes} MiB at most")


class TimeIsUp(BaseException):
    """Nothing broke for as long as was asked: no failure, which would be tried again and made smaller."""


class Patience:
    """How long to look, and how many attacks were stood meanwhile."""

    def __init__(self) -> None:
        self._end = time.monotonic() + SECONDS
        self.attacks = 0
        self._has_broken = False

    @contextmanager
    def unless_it_breaks(self) -> Iterator[None]:
        """Once something broke, time is never up: the attack is tried again and told, not forgotten."""
        try:
            yield
        except BaseException:
            self._has_broken = True
            raise

    def count(self) -> None:
        """One more attack.

        Raises:
            TimeIsUp: there was time for no more.
        """
        self.attacks += 1
        if SECONDS and not self._has_broken and time.monotonic() > self._end:
            raise TimeIsUp


class Visitor(Protocol):
    """A browser of either application."""

    def fetch(self, path: str, query: dict[str, str]) -> TestResponse: ...

    def send(self, path: str, fields: dict[str, Any]) -> TestResponse: ...


def routes(application: Flask) -> list[tuple[Rule, str]]:
    return [
        (rule, method)
        for rule in sorted(application.url_map.iter_rules(), key=lambda rule: (rule.endpoint, str(rule)))
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if rule.endpoint not in FILES | LEAVES
    ]


def parameters(application: Flask) -> list[str]:
    """Every name that a view or a table of ours reads from an address, and those that Flask-Admin reads by itself."""
    package = sys.modules[application.import_name].__file__
    assert package is not None
    code = "".join(path.read_text("utf-8") for path in sorted(Path(package).parent.rglob("*.py")))
    read = re.findall(r'(?:args|values|back|asked|given)\.get(?:list)?\(\s*"([^"]+)"', code)
    filters = re.findall(r'\b(?:OneOf|Matching|Day|Tick)\(\s*"([^"]+)"', code)
    named = re.findall(r'^[A-Z_]+(?:, [A-Z_]+)* = ("\w+"(?:, "\w+")*)$', code, re.MULTILINE)
    constants = [name.strip('"') for names in named for name in names.split(", ")]
    return sorted({*read, *filters, *constants, *OF_FLASK_ADMIN, "inconnu"} - OUR_OWN)


def names_in_templates() -> set[str]:
    """The name of every field that a template writes out."""
    return set(re.findall(r'name="([\w-]+)"', "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.html"))))


def fields_of(application: Flask, rule: Rule, page: TestResponse) -> tuple[list[str], list[str]]:
    """The names of everything that the forms of a page send, and its view may read; and those of files."""
    shown = re.findall(r'<(?:input|select|textarea|button)[^>]*\sname="([^"]+)"', page.text)
    module = inspect.getsource(sys.modules[inspect.unwrap(application.view_functions[rule.endpoint]).__module__])
    read = set(re.findall(r'"([\w-]+)"', module)) & names_in_templates()
    sent = set(re.findall(r'files\.get(?:list)?\(\s*"([^"]+)"', module))
    return sorted({*shown, *read} - OUR_OWN - sent), sorted(sent)


class Dice:
    """What is typed, drawn from one number: pages depend on what was done before, draws may not."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self) -> str:
        """Something nasty, something right, a number, or a text of any signs."""
        kind = self.random.randrange(6)
        if kind < 3:
            return self.random.choice(NASTY)
        if kind == 3:
            return self.random.choice([PASSWORD, "1", "2", "on", "2026-09-01", "a@example.org", "https://a.fr"])
        if kind == 4:
            return str(self.random.randint(-(2**70), 2**70) >> self.random.randrange(70))
        return self.text()

    def text(self) -> str:
        """At least one sign, of any plane; no half of a pair, which no client can send."""
        signs = [
            self.random.randrange(self.random.choice([0x80, 0x300, 0x110000]))
            for _ in range(1 + self.random.randrange(40))
        ]
        return "".join(chr(sign) for sign in signs if not 0xD800 <= sign < 0xE000) or "é"

    def path(self, rule: Rule, known: dict[str, Any]) -> str:
        """An address of `rule`, of a row that exists or of anything."""
        chosen: dict[str, Any] = {}
        for name in sorted(rule.arguments):
            converter = rule._converters[name]
            if isinstance(converter, AnyConverter):
                # Of anything else the application makes no address: it is not found before any page.
                chosen[name] = self.random.choice(sorted(converter.items))
            else:
                number = isinstance(converter, IntegerConverter)
                chosen[name] = self.random.randrange(2**70) if number else self.text()
            if name in known and self.random.random() < 0.7:
                chosen[name] = known[name]
        return rule.build(chosen)[1]

    def file(self) -> tuple[io.BytesIO, str]:
        """Nearly a file."""
        return io.BytesIO(self.random.choice(NASTY_FILES)), self.value()[:300]


def attack_at_random(
    dice: Dice, application: Flask, every: list[tuple[Rule, str]], browser: Visitor, known: dict[str, Any]
) -> None:
    """Ask for one page with anything in its address, and send its form with anything in it."""
    rule, method = dice.random.choice(every)
    path = dice.path(rule, known)
    query = {name: dice.value() for name in parameters(application) if dice.random.random() < 0.2}
    page = browser.fetch(path, query)
    assert page.status_code < 500, (path, query)
    if method == "POST":
        fields, sent = fields_of(application, rule, page)
        typed: dict[str, Any] = {name: dice.value() for name in fields if dice.random.random() < 0.9}
        answer = browser.send(path, {**typed, **{name: dice.file() for name in sent}})
        assert answer.status_code < 500, (path, typed)


def attack_every_route(application: Flask, browser: Visitor, known: dict[str, Any]) -> list[object]:
    """Try each route once, with one nasty value after the other; returns what broke down."""
    nasty: Iterator[str] = cycle(NASTY)
    pages: dict[str, TestResponse] = {}
    broken: list[object] = []
    for rule, method in routes(application):
        path = rule.build({name: known.get(name, 1) for name in rule.arguments})[1]
        if path not in pages:
            query = {name: next(nasty) for name in parameters(application)}
            pages[path] = browser.fetch(path, query)
            broken += [] if pages[path].status_code < 500 else [(path, query)]
        if method == "POST":
            names, sent = fields_of(application, rule, pages[path])
            typed: dict[str, Any] = {name: next(nasty) for name in names}
            uploaded = {name: (io.BytesIO(b"PK\3\4rien"), next(nasty)) for name in sent}
            broken += [] if browser.send(path, {**typed, **uploaded}).status_code < 500 else [(path, typed)]
    return broken
