"""What an accessibility checker finds wrong with a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def violations_of(page: Page) -> list[str]:
    """What axe finds wrong with a page once it is whole: the rule, and the beginning of the first element."""
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:150]}" for violation in found]
