"""A real browser, at the size of a phone and of a desk, in front of a real installation."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.installation import RunningInstallation, installed
from tests.conftest import skip_or_fail
from tests.patience import PAGE_MS

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
# The shell first: the same engine without windows, which starts in half the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

expect.set_options(timeout=PAGE_MS)

LONGEST = ("test_every_page", "test_procedure", "test_kill", "test_journey")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that no process waits for the last; what shares an installation shares a process."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        if "lasting_database_url" in getattr(item, "fixturenames", ()):
            shared = item.callspec.params["lasting_database_url"]  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{shared}"))
    others = [item for item in items if item not in ours]
    ours.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    items[:] = [*ours, *others]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        skip_or_fail("no Chromium: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def open_page(browser: Browser, size: dict[str, int], **options: object) -> Page:
    """A page in a browser of its own: no cookie of anybody else."""
    context: BrowserContext = browser.new_context(viewport=size, locale="fr-FR", **options)  # type: ignore[arg-type]
    context.set_default_timeout(PAGE_MS)
    return context.new_page()


def complaints_heard(page: Page) -> list[str]:
    """What the browser complains of from now on: scripts that fail, and what the security policy refuses."""
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if "Security Policy" in line.text else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = open_page(browser, PHONE, has_touch=True, is_mobile=True)
    yield page
    page.context.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = open_page(browser, DESK)
    yield page
    page.context.close()


@pytest.fixture
def installation(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[RunningInstallation]:
    """SQLite and nothing else, or PostgreSQL and Redis: the two ways in which the README says to install."""
    with installed(tmp_path / "var", database_url, redis_beside(request, database_url)) as running:
        yield running


@pytest.fixture(scope="module")
def lasting_installation(
    request: pytest.FixtureRequest, lasting_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningInstallation]:
    """The same for all the tests of a module, one after the other."""
    redis_url = redis_beside(request, lasting_database_url)
    with installed(tmp_path_factory.mktemp("lasting") / "var", lasting_database_url, redis_url) as running:
        yield running


def redis_beside(request: pytest.FixtureRequest, database_url: str) -> str | None:
    """Redis, where the database is PostgreSQL."""
    return str(request.getfixturevalue("redis_url")) if database_url.startswith("postgresql") else None
