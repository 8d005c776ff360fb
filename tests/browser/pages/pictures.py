"""Pictures of screens, for whoever wants to look."""

from playwright.sync_api import Page

from tests.browser.conftest import SCREENSHOTS


def keep_picture(page: Page, name: str) -> None:
    """Keep what is on the screen for whoever wants to look, and make sure that nothing is cut off on the right."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"
