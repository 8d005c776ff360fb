"""R30: no page of the portal has anything to complain of, in any language, on any screen, by day and by night."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import product, zip_longest
from pathlib import Path

import axe_playwright_python
import pytest
from flask import Flask, abort, request
from flask_wtf.csrf import CSRFError
from playwright.sync_api import Browser, Page

from parent_portal import create_app
from parent_portal.access import DOORS, EVERYBODY
from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.languages import FRENCH, LANGUAGES, Language
from shared.limits.policy import TooManyAttempts
from tests.browser.conftest import open_page
from tests.browser.portal_family import Family, make_families
from tests.browser.serving import served
from tests.factories import INITIAL_PASSWORD, PASSWORD
from tests.portal.conftest import logged_in

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SCREENS = ((320, "light"), (640, "dark"), (768, "dark"), (320, "dark"), (1280, "light"), (1280, "dark"))
"""Widths in pixels, by day and by night: 640 is a screen of 1280 enlarged to 200 %."""
NARROWEST = 160
"""A telephone of 320 enlarged to 200 %: nothing is to be scrolled sideways, in French."""
SEEN_ON = {"fr": 3, "ar": 2}
"""On how many screens a language is seen; of the others, every second page on one: EVERY_SCREEN=1 sees all on each."""
EVERY_SCREEN = bool(os.environ.get("EVERY_SCREEN"))
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
STRANGER, NEWCOMER, WAITING, RENEWED = "", "p.hoarau", "a.grondin", "c.boyer"
PARENT, STUDENT, ASKED = "m.payet", "l.payet", "n.zitte"
NOT_WALKED = {
    **dict.fromkeys(("static", "site.robots", "site.security", "site.theme"), "files"),
    "site.change_password": "leads to another",
    **dict.fromkeys(
        ("openid.configuration", "openid.keys", "openid.person", "ent.metadata", "sms_receipts.take"),
        "read by machines",
    ),
    **dict.fromkeys(("authorization.go_on", "ent.go_on"), "lead on, or show what « ask » shows"),
    "passkey_login.show": "leads to the login page",
    "authorization.prove": "the form of « Mon mot de passe » alone, seen in tests/browser/test_apache.py",
    "ent_logout.ask": "shows a page only while an ENT is entered, seen in tests/browser/test_ent.py",
    "sms_code.show": "not without SMS: the form of « sans lettre », seen with them in tests/portal/test_sms_code.py",
}
"""What nobody is shown by this address alone, and why."""
FAILURES: dict[str, int | Exception] = {
    **{str(code): code for code in (400, 403, 404, 405, 429, 500)},
    "attendre": TooManyAttempts(now() + timedelta(hours=1)),
    "cookies": CSRFError(),
}
SEND = """([selector, typed]) => {
  const form = document.querySelector(selector);
  for (const [name, value] of Object.entries(typed)) form.elements[name].value = value;
  form.submit();
}"""
START_LOOKING = """() => { window.found = (async () => {
  const found = [];
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, elementRef: false });
  for (const { id, nodes } of violations) found.push(`${id} ${nodes[0].html} ${nodes[0].failureSummary}`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push("wider than the screen");
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const controls = "main :is(button, [role=button], input:not([type=radio]), summary)";
  for (const control of document.querySelectorAll(controls)) {
    const { height } = control.getBoundingClientRect();
    if (height && height < 44) found.push(`too small for a thumb: ${control.outerHTML}`);
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (root.lang === "fr" && words.nextNode()) {
    const { parentElement: around, data } = words.currentNode;
    if (/[ \\n][:;?!»]|«[ \\n]/.test(data) && !around.closest("script, textarea"))
      found.push(`a line may begin with a sign: ${data}`);
  }
  return found;
})(); }"""


@dataclass(frozen=True)
class Stop:
    """A page, as somebody comes to it: opened, or sent with these fields filled in.

    `{code}` in a field is the language: wrong passwords are counted, so each language has an identifier of its own.
    """

    path: str
    filled: Mapping[str, str] | None = None
    who: str = STRANGER
    form: str = "main .card form"


WRONG = {"identifier": "p.ersonne{code}", "password": "pas le bon mot"}


def before_login(family: Family) -> list[Stop]:
    """What anybody comes to."""
    return [
        Stop("/connexion"),
        Stop("/connexion", {}),
        Stop("/connexion", WRONG),
        Stop("/connexion", {}, form="[data-with-passkeys]"),
        Stop("/connexion", {"identifier": "m.payet2", "password": PASSWORD}),
        Stop("/connexion", {"identifier": "f.erme", "password": PASSWORD}),
        *map(Stop, ("/accessibilite", "/donnees", "/mentions")),
        Stop("/mot-de-passe-oublie"),
        Stop("/mot-de-passe-oublie", {}),
        Stop("/mot-de-passe-oublie", {"email": "n@example.org"}),
        Stop("/sans-lettre"),
        Stop("/sans-lettre", {}),
        Stop("/sans-lettre", {"email": "n@example.org"}),
        Stop("/sans-lettre/1-x"),
        Stop(family.without_letter),
        Stop(family.without_letter, {"day": "31", "month": "2", "year": "2013"}),
        Stop(family.without_letter, {"day": "6", "month": "5", "year": "2013"}),
        Stop("/activation/1-x"),
        *map(Stop, family.links),
        *(Stop(f"/erreur/{what}") for what in FAILURES),
        Stop("/openid/autorisation"),
        Stop("/ent/connexion"),
    ]


def inside(family: Family) -> list[Stop]:
    """What one must be logged in for, step by step."""
    wrong_child = f"/enfant/{family.child}/signaler"
    return [
        Stop("/premiere-connexion", who=NEWCOMER),
        Stop("/premiere-connexion", {}, NEWCOMER),
        Stop("/activation/attente", who=WAITING),
        Stop("/activation/attente", {}, WAITING, "main details form"),
        Stop("/compte/mot-de-passe", who=RENEWED),
        Stop("/compte/mot-de-passe", {}, RENEWED),
        *(Stop(path, who=STUDENT) for path in ("/", "/compte")),
        *(Stop(path, who=PARENT) for path in ("/", "/compte", "/compte/mes-donnees", "/erreur/404")),
        *(Stop(path, {}, PARENT) for path in ("/compte/adresse", "/compte/mot-de-passe", "/fusion")),
        *map(partial(Stop, who=PARENT), ("/compte/teleservices", "/openid/fin")),
        Stop("/rattachement", who=ASKED),
        Stop("/fusion", WRONG, PARENT),
        Stop("/compte/cles", {}, PARENT),
        Stop("/compte/cles", {"name": "{code}", "current": PASSWORD}, PARENT),
        Stop(f"/compte/cles/{family.passkey}", who=PARENT),
        Stop(wrong_child, who=PARENT),
        Stop(wrong_child, {"words": "non " * 200}, PARENT),
    ]


@pytest.fixture
def family(database: Database, settings: Settings, sealer: Sealer) -> Family:
    return make_families(database, settings, sealer)


@pytest.fixture
def portal(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The portal, where passkeys are of use, with a page for whatever may go wrong."""
    portal = create_app(settings.model_copy(update={"public_portal_url": "http://localhost:5002"}), database)
    portal.add_url_rule("/erreur/<what>", "fail", fail)
    monkeypatch.setitem(DOORS, "fail", EVERYBODY)  # type: ignore[arg-type]
    walked: set[str | None] = set()
    portal.before_request(lambda: walked.add(request.endpoint))
    portal.extensions["walked"] = walked
    return portal


def fail(what: str) -> None:
    """Go wrong as a page may."""
    failure = FAILURES[what]
    if isinstance(failure, int):
        abort(failure)
    raise failure


@pytest.fixture
def address(portal: Flask) -> Iterator[str]:
    with served(portal) as address:
        yield address


@dataclass
class Lane:
    """A browser that goes from page to page as one person after the other."""

    page: Page
    address: str
    cookies: Mapping[tuple[str, str], str]
    """By who is logged in, and in which language."""
    complaints: list[str] = field(default_factory=list)

    def go(self, stop: Stop, language: Language) -> None:
        context = self.page.context
        context.clear_cookies()
        cookies = {"langue": language.code, "portail": self.cookies.get((stop.who, language.code), "")}
        context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in cookies.items()])
        self.page.goto(self.address + stop.path, wait_until="domcontentloaded")
        if stop.filled is not None:
            typed = {name: value.format(code=language.code) for name, value in stop.filled.items()}
            with self.page.expect_navigation(wait_until="domcontentloaded"):
                self.page.evaluate(SEND, [stop.form, typed])

    def show(self, width: int, scheme: str) -> None:
        self.page.set_viewport_size({"width": width, "height": 740})
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.evaluate(START_LOOKING)

    def squeeze(self, where: str) -> None:
        self.page.set_viewport_size({"width": NARROWEST, "height": 740})
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.complaints.append(f"{where}: wider than {NARROWEST} pixels")

    def note(self, where: str) -> None:
        self.complaints += [f"{where}: {wrong}" for wrong in self.page.evaluate("() => window.found")]


@pytest.fixture
def lanes(browser: Browser, portal: Flask, address: str) -> Iterator[list[Lane]]:
    """Two browsers at once, one for each processor; everybody logged in once in each language."""
    cookies = {}
    for language, who in product(LANGUAGES, (NEWCOMER, WAITING, RENEWED, PARENT, STUDENT, ASKED)):
        password = INITIAL_PASSWORD if who == NEWCOMER else PASSWORD
        cookies[who, language.code] = logged_in(portal, who, password, language.code).cookie() or ""
    lanes = []
    for _ in range(2):
        # Colours would change little by little, and be read half-way.
        page = open_page(browser, {"width": 320, "height": 740}, reduced_motion="reduce")
        page.context.add_init_script(AXE)
        lane = Lane(page, address, cookies)
        page.on("console", lambda line, lane=lane: lane.complaints.append(line.text) if "Policy" in line.text else None)
        page.on("pageerror", lambda error, lane=lane: lane.complaints.append(str(error)))
        lanes.append(lane)
    yield lanes
    for lane in lanes:
        lane.page.context.close()


def not_walked(portal: Flask) -> set[str]:
    """What can be opened and was not."""
    opened = {rule.endpoint for rule in portal.url_map.iter_rules() if "GET" in (rule.methods or ())}
    return opened - portal.extensions["walked"]


def test_no_page_has_anything_to_complain_of(family: Family, portal: Flask, lanes: list[Lane]) -> None:
    stops = [*before_login(family), *inside(family)]
    for number, language in enumerate(LANGUAGES):
        seen = stops if EVERY_SCREEN or language.code in SEEN_ON else stops[number % 2 :: 2]
        half = -(-len(seen) // 2)
        for pair in zip_longest(seen[:half], seen[half:]):
            visit([(lane, stop) for lane, stop in zip(lanes, pair, strict=True) if stop], language, screens(number))
    assert [complaint for lane in lanes for complaint in lane.complaints] == []
    assert not_walked(portal) <= set(NOT_WALKED)


def screens(number: int) -> Sequence[tuple[int, str]]:
    """On which screens the pages are seen in a language: no two languages that follow on the same ones, or on all."""
    wanted = len(SCREENS) if EVERY_SCREEN else SEEN_ON.get(LANGUAGES[number].code, 1)
    apart = len(SCREENS) // wanted
    return [screen for place, screen in enumerate(SCREENS) if (place - number) % apart == 0]


def visit(seen: list[tuple[Lane, Stop]], language: Language, screens: Sequence[tuple[int, str]]) -> None:
    """Look at two pages at once, on these screens."""
    for lane, stop in seen:
        lane.go(stop, language)
        assert lane.page.locator("html").get_attribute("lang") == language.html, stop
    for lane, stop in seen if language is FRENCH else ():
        lane.squeeze(f"{stop.who} {stop.path} {stop.filled}")
    for width, scheme in screens:
        for lane, _stop in seen:
            lane.show(width, scheme)
        for lane, stop in seen:
            lane.note(f"{language.code} {width} {scheme} {stop.who} {stop.path} {stop.filled}")
