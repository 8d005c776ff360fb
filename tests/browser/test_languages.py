"""A family that reads no French: the language is chosen without script, and every step fits the phone in it."""

from collections.abc import Callable

import pytest

from shared.languages import known_language
from tests.browser.pages import keep_picture
from tests.browser.test_portal_pages import Visit, address, family, portal, visit  # noqa: F401 - fixtures
from tests.factories import INITIAL_PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

SMALL = {"width": 320, "height": 640}
PHONE = {"width": 360, "height": 740}
SEND = "main .card form button[type=submit]"
CHOSEN = "lagon calme du dimanche"


@pytest.mark.parametrize(("code", "size"), [("ar", PHONE), ("tr", SMALL)])
def test_the_first_login_is_walked_in_another_language(
    visit: Callable[..., Visit],  # noqa: F811
    code: str,
    size: dict[str, int],
) -> None:
    seen = visit(size)
    choose(seen, code)
    keep_picture(seen.page, f"portail-{code}-connexion")
    log_in(seen, "p.hoarau", "pas le bon mot")
    keep_picture(seen.page, f"portail-{code}-refus")
    log_in(seen, "p.hoarau", INITIAL_PASSWORD)
    keep_picture(seen.page, f"portail-{code}-premiere-connexion")
    seen.page.locator(SEND).click()
    keep_picture(seen.page, f"portail-{code}-premiere-connexion-vide")
    for field, typed in {"email": "paul@example.org", "password": CHOSEN}.items():
        seen.page.fill(f"#{field}", typed)
        seen.page.fill(f"#{field}_again", typed)
    seen.page.locator(SEND).click()
    keep_picture(seen.page, f"portail-{code}-activation-attente")
    assert seen.complaints == []


def choose(seen: Visit, code: str) -> None:
    language = known_language(code)
    assert language is not None
    seen.open("/connexion")
    seen.press(language.name)
    assert seen.page.locator("html").get_attribute("dir") == language.direction
    assert seen.page.locator("html").get_attribute("lang") == language.html


def log_in(seen: Visit, identifier: str, password: str) -> None:
    seen.open("/connexion")
    seen.page.fill("#identifier", identifier)
    seen.page.fill("#password", password)
    seen.page.locator(SEND).click()
