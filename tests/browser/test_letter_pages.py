"""R20, R30: the pages of letters in a real browser, phone and desk, and a letter written anew by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.journal import COMMAND
from shared.models.letters import LetterKind, LetterPart
from shared.notifications.letters.logo import set_logo
from shared.notifications.letters.own_texts import current_text, set_text
from tests.admin.conftest import School, make_school
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.long_named_school import complaints_about, log_in, tab_to
from tests.browser.pages.settings import choose_variable
from tests.browser.serving import served
from tests.factories import at_desk
from tests.notifications.letters.pictures import drawn_logo

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

REMINDER = "courrier=guardian_reminder&partie=body"
OWN_TEXT = "Bonjour {{ nom }},\n\n{{ cadre_identifiants }}\n\nÀ bientôt."
PAGES = (
    "/parametrage/ent/",
    "/parametrage/courriers/",
    "/parametrage/courriers/?famille=longue",
    f"/parametrage/courriers/modifier?{REMINDER}",
    "/parametrage/courriers/modifier?courrier=student_new_account&partie=header",
    f"/parametrage/courriers/reinitialiser?{REMINDER}",
    "/parametrage/logo/",
    "/parametrage/logo/retirer",
)


@pytest.fixture
def school(database: Database, sealer: Sealer) -> School:
    """A school with a logo, that wrote one letter itself."""
    made = make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")
    with database.writing() as session:
        set_logo(at_desk(session, made.id, now=now(), actor=COMMAND), drawn_logo(900, 330), version=0)
        written = LetterKind.GUARDIAN_REMINDER, LetterPart.BODY
        set_text(at_desk(session, made.id, now=now(), actor=COMMAND), *written, OWN_TEXT, version=0)
    return made


@pytest.fixture
def address(settings: Settings, database: Database, school: School) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_no_page_of_letters_has_anything_to_complain_of(
    browser: Browser, address: str, school: School, size: dict[str, int]
) -> None:
    page = open_page(browser, size)
    complaints = complaints_heard(page)
    log_in(page, address, school.login)
    for path in PAGES:
        page.goto(address + path)
        complaints += complaints_about(page, path.replace("?", "-").replace("&", "-"))
    page.context.close()
    assert complaints == []


def test_a_head_chooses_the_ent_and_writes_a_letter_anew_by_keyboard_alone(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = open_page(browser, DESK)
    log_in(page, address, school.login)
    page.goto(f"{address}/parametrage/ent/")
    tab_to(page, "Dans la liste de l'académie")
    page.keyboard.type("METICE")
    expect(page.get_by_label("Lien ENT prédéfini")).to_be_checked()
    tab_to(page, "Valider")
    page.keyboard.press("Enter")
    expect(page.get_by_text("le lien ENT sont enregistrés")).to_be_visible()
    tab_to(page, "Modifier")
    page.keyboard.press("Enter")
    text = page.locator(".text-area")
    expect(text).to_be_visible()
    text.focus()
    page.keyboard.type("Voyez ")
    page.keyboard.press("Alt+F10")
    expect(page.get_by_role("button", name="Gras")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Insérer une variable")).to_be_focused()
    page.keyboard.press("ArrowDown")
    choose_variable(page, "nom_ent")
    expect(text).to_be_focused()
    page.keyboard.type(" : à bientôt. ")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Valider")).to_be_focused()
    page.keyboard.press("Enter")
    # The letter is laid out before it is saved.
    expect(page.get_by_text("Le courrier est enregistré")).to_be_visible()
    with database.reading() as session:
        saved = current_text(session, school.id, LetterKind.GUARDIAN_NEW_ACCOUNT, LetterPart.BODY)
    assert saved.content.startswith("<p><b>Voyez {{ nom_ent }} : à bientôt. Objet")
    page.goto(f"{address}/parametrage/courriers/reinitialiser")
    expect(page.locator("del")).to_contain_text("Voyez {{ nom_ent }} : à bientôt.")
    tab_to(page, "Réinitialiser")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le texte d'origine est rétabli.")).to_be_visible()
    page.context.close()
