"""R30: no page of the back office has anything to complain of, on any screen: every route that shows one.

None is left out by hand: the routes are those of the application.

Every page is seen on one screen, those of the menu and the next ones on a phone and a desk as well, or all on every
screen where EVERY_SCREEN=1 asks for it (`make test-all`). What a page must not have is read in the page itself: by axe,
and by what no rule of axe looks at (nothing wider than the screen, no word cut off, no line that begins with a sign).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from tests.admin.browser import SECRET, Browser, code_of
from tests.admin.conftest import School
from tests.admin.test_access import FOR_NOBODY_LOGGED_IN, LEAVES, OF_A_LINK, ask, routes
from tests.browser.conftest import complaints_heard, open_page
from tests.browser.long_named_school import make_long_named_school, paths_beside_the_menu, paths_in_menu
from tests.browser.pages import keep_picture
from tests.browser.serving import served
from tests.browser.test_every_page import AXE, EVERY_SCREEN

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SCREENS = ((305, "light"), (768, "dark"), (1280, "light"), (640, "light"), (901, "light"))
"""Widths in pixels of CSS, and the hour: 305 is a window of 320 beside its scroll bar, 640 a screen of 1280 enlarged to
200 %; of 901, tables are no cards yet.
"""
PHONE_AND_DESK = {(305, "light"), (1280, "light")}
SHOWS_NO_PAGE = {
    "text/plain": "a file for machines",
    "text/csv": "a file",
    "application/json": "an answer to a script",
    "application/pdf": "a file",
    "application/xml": "a file for machines",
    "application/samlmetadata+xml": "a file for machines",
    "image/png": "a picture",
}
COOKIE = "administration"
WIDER = """() => [...document.querySelectorAll("html, .scroll")]
  .filter(place => place.scrollWidth > place.clientWidth)
  .map(place => `${place.tagName} ${place.scrollWidth} > ${place.clientWidth}`)"""
LOOK = """async () => {
  const found = [];
  const { violations } = await axe.run(document, { resultTypes: ["violations"], preload: false, elementRef: false });
  for (const { id, nodes } of violations) found.push(`${id} ${nodes[0].html} ${nodes[0].failureSummary}`);
  for (const place of document.querySelectorAll("html, .scroll"))
    if (place.scrollWidth > place.clientWidth) found.push(`${place.tagName} is wider than its place`);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  for (const control of document.querySelectorAll("main :is(button, .btn, select)")) {
    const { height } = control.getBoundingClientRect();
    if (height && height < 24) found.push(`too small: ${control.outerHTML}`);
  }
  for (const one of document.querySelectorAll("main *, header *")) {
    const style = getComputedStyle(one);
    const cuts = style.overflowX === "hidden" || style.overflowX === "clip";
    if (cuts && style.clipPath === "none" && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1 &&
        !one.matches(".sr-only, .sr-only *, input, select, textarea"))
      found.push(`cut off: ${one.outerHTML.slice(0, 120)}`);
  }
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const { parentElement: around, data } = words.currentNode;
    if (/[ \\n][:;?!»]|«[ \\n]/.test(data) && !around.closest("script, style, textarea, pre, code, select"))
      found.push(`a line may begin with a sign: ${data}`);
  }
  for (const link of document.querySelectorAll("main :is(p, li, dd) a")) {
    const before = link.previousSibling;
    if (before?.nodeType === Node.TEXT_NODE && /[\\p{L}.,;:!?»]$/u.test(before.data))
      found.push(`no blank before a link: ${before.data}`);
  }
  return found;
}"""


@dataclass(frozen=True)
class Shown:
    """A page: where it is, and what stands there when only a form leads to it."""

    path: str
    sent: str | None = None


@pytest.fixture
def school(database: Database, sealer: Sealer) -> School:
    """A school with one of everything, and long names."""
    return make_long_named_school(database, sealer)


@pytest.fixture
def app(settings: Settings, database: Database, school: School) -> Flask:
    return create_app(settings, database)


@pytest.fixture
def academy(app: Flask, school: School) -> Browser:
    """The académie, at work in the school: nothing is shut to it."""
    browser = Browser(app)
    browser.log_in("academie")
    browser.give_code(code_of(SECRET))
    browser.choose(school.id)
    return browser


def pages(app: Flask, browser: Browser, school: School, method: str, *, for_nobody: bool = False) -> Iterator[Shown]:
    """Every page that a route shows in `browser`, opened or sent an empty form: what is missing, or what was done."""
    for rule, answered in routes(app):
        if answered != method or rule.endpoint in LEAVES or (rule.endpoint in FOR_NOBODY_LOGGED_IN) != for_nobody:
            continue
        answer = ask(browser, rule, method, school)
        if answer.status_code in {301, 302, 303} or answer.mimetype in SHOWS_NO_PAGE:
            continue
        assert answer.mimetype == "text/html", rule
        path = answer.request.full_path.rstrip("?")
        if method == "POST":
            yield Shown(path, answer.text)
        elif answer.status_code == 200 or rule.endpoint in OF_A_LINK:
            yield Shown(path)


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    # Colours would change little by little, and be read half-way.
    page = open_page(browser, {"width": 320, "height": 740}, reduced_motion="reduce")
    page.context.add_init_script(AXE)
    yield page
    page.context.close()


def test_no_page_has_anything_to_complain_of(app: Flask, academy: Browser, school: School, page: Page) -> None:
    complaints = complaints_heard(page)
    with served(app) as address:
        complaints += walked(page, address, list(pages(app, Browser(app), school, "GET", for_nobody=True)))
        without_code = Browser(app)
        without_code.log_in("academie")
        be(page, without_code, address)
        complaints += walked(page, address, [Shown("/connexion/code/")], {"/connexion/code/"})
        be(page, academy, address)
        inside = list(pages(app, academy, school, "GET"))
        assert len(inside) > 100
        page.goto(address)
        menu = paths_in_menu(page)
        assert len(menu) >= 15
        main = ["/", *menu, *paths_beside_the_menu(school)]
        inside += [Shown(path) for path in main if Shown(path) not in inside]
        complaints += walked(page, address, inside, set(main))
        # After the pages: forms change what they show.
        complaints += walked(page, address, list(pages(app, academy, school, "POST")))
    assert not complaints, "\n".join(complaints)


def be(page: Page, browser: Browser, address: str) -> None:
    """Whoever is logged in in `browser`."""
    cookie = browser.client.get_cookie(COOKIE)
    page.context.add_cookies([{"name": COOKIE, "value": cookie.value if cookie else "", "url": address}])


def screens(number: int, is_main: bool) -> list[tuple[int, str]]:
    """On which a page is looked at; one more page is seen on the next."""
    turn = SCREENS[number % len(SCREENS)]
    return [one for one in SCREENS if EVERY_SCREEN or one == turn or (is_main and one in PHONE_AND_DESK)]


def walked(page: Page, address: str, shown: list[Shown], main: Collection[str] = ()) -> list[str]:
    """What each page is to be complained of for; those of `main` are seen on a phone and a desk as well."""
    found = []
    for number, one in enumerate(shown):
        if open_shown(page, address, one) not in {None, 200} and "0123" not in one.path:
            found.append(f"{one.path} is not found")
        looked_at = screens(number, one.path in main)
        for width, scheme in looked_at:
            page.set_viewport_size({"width": width, "height": 740})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found += [f"{width} {one.path} {'sent ' if one.sent else ''}{wrong}" for wrong in page.evaluate(LOOK)]
            if EVERY_SCREEN:
                sent = "-envoi" if one.sent else ""
                keep_picture(page, f"admin{one.path.partition('?')[0].replace('/', '-').rstrip('-')}{sent}")
        for width in {width for width, _ in SCREENS if one.path in main} - {width for width, _ in looked_at}:
            page.set_viewport_size({"width": width, "height": 740})
            found += [f"{width} {one.path} {wider}" for wider in page.evaluate(WIDER)]
    return found


def open_shown(page: Page, address: str, one: Shown) -> int | None:
    """Open a page, and tell its status; one that only a form leads to is given as it was answered."""
    if one.sent is None:
        answer = page.goto(address + one.path, wait_until="load")
        return answer.status if answer else None
    text = one.sent

    def give(route: Route) -> None:
        route.fulfill(body=text, content_type="text/html; charset=utf-8")

    page.route(address + one.path, give)
    page.goto(address + one.path, wait_until="load")
    page.unroute(address + one.path)
    return None
