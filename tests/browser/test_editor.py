"""R20, R22: letters and messages written without tags, in a real browser; with tags where scripts do not run."""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import delete

from admin_app import create_app
from admin_app.quotas import PREVIEWS
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.establishments.rich_text import TAGS as MESSAGE_TAGS
from shared.establishments.rich_text import clean
from shared.establishments.settings import settings_of
from shared.models.letters import LetterKind, LetterPart
from shared.models.staff import StaffSession
from shared.notifications.letters.kinds import block_variables, delivered_text, inline_variables
from shared.notifications.letters.markup import TAGS, as_typed, cleaned
from shared.notifications.letters.own_texts import current_text
from tests.admin.conftest import School, make_school
from tests.browser.conftest import DESK, PHONE, complaints_heard, open_page
from tests.browser.long_named_school import complaints_about, log_in, tab_to
from tests.browser.pages.complaints import violations_of
from tests.browser.pages.settings import choose_variable
from tests.browser.serving import served
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

PASTED = Path(__file__).parent / "pasted"
REMINDER = "courrier=guardian_reminder&partie=body"
EDIT = f"/parametrage/courriers/modifier?{REMINDER}"
MESSAGE = "/parametrage/message/"
TABLET = {"width": 768, "height": 1024}
NARROW = {"width": 320, "height": 640}
PASTE = """(area, [kind, words]) => {
  const data = new DataTransfer();
  data.setData(kind, words);
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
READ_AND_WRITE = """async ([tags, inline, blocks, between, texts]) => {
  const { formOf, read, written } = await import("/static/editor/texts.js");
  const form = formOf({ tags, inline, blocks, between });
  return texts.map((html) => written(read(html, form), form));
}"""


@pytest.fixture
def school(database: Database, sealer: Sealer) -> School:
    return make_school(database, sealer, "9740001A", "Zarzuela", "chef-a")


@pytest.fixture
def address(settings: Settings, database: Database, school: School) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def opened(browser: Browser, address: str, school: School, path: str, size: dict[str, int] = DESK) -> Page:
    """A page of the back office, its editor ready."""
    page = open_page(browser, size)
    log_in(page, address, school.login)
    page.goto(address + path)
    expect(page.get_by_role("toolbar")).to_be_visible()
    return page


def with_a_viewer(page: Page) -> Page:
    """As a browser with windows has one; ours, which has none, downloads what it is shown."""
    page.add_init_script("Object.defineProperty(navigator, 'pdfViewerEnabled', { get: () => true })")
    return page


def area_of(page: Page) -> Locator:
    return page.locator(".text-area")


def typed(page: Page) -> str:
    """What would be sent."""
    return page.locator("textarea[data-check]").input_value()


def emptied(page: Page) -> Locator:
    area = area_of(page)
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    return area


def paste(page: Page, words: str, kind: str = "text/html") -> None:
    area_of(page).evaluate(PASTE, [kind, words])


def saved(database: Database, school: School, letter: LetterKind = LetterKind.GUARDIAN_REMINDER) -> str:
    with database.reading() as session:
        return current_text(session, school.id, letter, LetterPart.BODY).content


def read_and_written(page: Page, texts: Sequence[str], letter: LetterKind, part: LetterPart) -> list[str]:
    variables = [dict(inline_variables(letter)), dict(block_variables(letter, part))]
    written: list[str] = page.evaluate(READ_AND_WRITE, [sorted(TAGS), *variables, "\n\n", list(texts)])
    return written


def test_every_text_delivered_is_what_the_editor_makes_of_it(browser: Browser, address: str, school: School) -> None:
    page = opened(browser, address, school, EDIT)
    for letter, part in product(LetterKind, LetterPart):
        text = delivered_text(letter.value, part)
        assert read_and_written(page, [text], letter, part) == [text]
    page.context.close()


PIECES = (
    "Bonjour <b>{{ nom }}</b>, {{inconnue}} &amp; &lt;co&gt;&nbsp;: «&nbsp;oui&nbsp;»",
    "<u>a<strong>b</strong></u><br>c {{ cadre_identifiants }}",
    "<script>alert(1)</script><i>d</i> 5 &gt; 4",
    "  espaces   partout \t ",
)
SHAPES = (
    "<p>{}</p>",
    "<h3>{}</h3>",
    "<ul><li>{}</li><li>x<ol><li>{}</li></ol></li></ul>",
    "{}",
    "<ol>\n<li><p>{}</p></li>\n</ol>",
)


def test_what_the_editor_makes_of_a_letter_is_left_as_it_is_by_the_server_and_by_the_editor(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, EDIT)
    blocks = [shape.format(piece, piece) for shape, piece in product(SHAPES, PIECES)]
    texts = [
        cleaned(f"{first}\n\n{{{{ cadre_identifiants }}}}\n\n{second}") for first, second in product(blocks, blocks)
    ]
    made = read_and_written(page, texts, LetterKind.GUARDIAN_REMINDER, LetterPart.BODY)
    assert len(made) == len(blocks) ** 2
    assert [text for text in made if cleaned(text) != text] == []
    assert [text for text in made if cleaned(as_typed(text)) != text] == []
    assert read_and_written(page, made, LetterKind.GUARDIAN_REMINDER, LetterPart.BODY) == made
    page.context.close()


def test_what_the_editor_makes_of_a_message_is_left_as_it_is_by_the_server_and_by_the_editor(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, MESSAGE)
    pieces = [
        *PIECES,
        '<a href="https://a.example/?a=1&amp;b=&quot;">a</a> <a href="mailto:a@b.example">b</a>',
        "<em>d</em>",
    ]
    blocks = [shape.replace("h3", "p").format(piece, piece) for shape, piece in product(SHAPES, pieces)]
    texts = [clean(f"<p>{first}</p>{second}") for first, second in product(pieces, blocks)]
    form = [sorted(MESSAGE_TAGS), {}, {}, ""]
    made = page.evaluate(READ_AND_WRITE, [*form, texts])
    # A message may hold what looks like a tag: there, it is words.
    expected = [text.replace("{{inconnue}}", "{{ inconnue }}") for text in made]
    assert [text for text in made if clean(text) != text] == []
    assert page.evaluate(READ_AND_WRITE, [*form, made]) == expected == made
    page.context.close()


def test_a_letter_is_written_by_keyboard_alone_without_a_tag(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = opened(browser, address, school, EDIT)
    area_of(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+b")
    page.keyboard.type("Bonjour ")
    page.keyboard.press("Control+b")
    page.keyboard.press("Alt+F10")
    expect(page.get_by_role("button", name="Gras")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Insérer une variable")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    expect(area_of(page)).to_be_focused()
    page.keyboard.type(",")
    page.keyboard.press("Enter")
    page.keyboard.press("Alt+F10")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.keyboard.press("c")
    page.keyboard.press("c")
    choose_variable(page, "cadre_identifiants")
    page.keyboard.type("- un")
    page.keyboard.press("Enter")
    page.keyboard.type("deux")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.type("{{ date }}, à bientôt.")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Valider")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le courrier est enregistré")).to_be_visible()
    assert saved(database, school) == (
        "<p><b>Bonjour </b>{{ nom }},</p>\n\n<p>{{ cadre_identifiants }}</p>\n\n"
        "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n\n<p>{{ date }}, à bientôt.</p>"
    )
    page.context.close()


def test_a_variable_goes_whole_or_not_at_all(browser: Browser, address: str, school: School) -> None:
    page = opened(browser, address, school, EDIT)
    emptied(page)
    page.keyboard.type("Avant {{ nom }} après")
    expect(page.locator(".chip")).to_have_text("variable nom")
    for _ in " après":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".text-editor > [role=status]")).to_have_text("Variable nom choisie.")
    page.keyboard.press("ArrowRight")
    assert typed(page) == "<p>Avant {{ nom }} après</p>"
    page.keyboard.press("Backspace")
    assert typed(page) == "<p>Avant  après</p>"
    page.keyboard.press("Control+z")
    assert typed(page) == "<p>Avant {{ nom }} après</p>"
    page.context.close()


def test_a_variable_that_does_not_exist_is_shown_as_such_and_refused_in_the_words_of_saving(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, EDIT)
    area_of(page).press("Control+End")
    page.keyboard.type("\n{{ nom_de_la_mere }}")
    expect(page.locator(".chip-wrong")).to_have_text("variable inconnue nom de la mere")
    problem = page.locator("#texte-probleme")
    expect(problem).to_contain_text("La variable « nom_de_la_mere » n'existe pas")
    expect(area_of(page)).to_have_attribute("aria-invalid", "true")
    said = problem.inner_text()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#probleme")).to_have_text(said)
    expect(page.locator(".chip-wrong")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Bravo 😀", "Le signe « 😀 » (U+1F600) ne peut pas être imprimé"),
        ("https://exemple.fr/" + "chemin/" * 20, "est plus long que la ligne"),
    ],
)
def test_what_cannot_be_printed_is_said_while_it_is_typed_and_when_it_is_saved(
    browser: Browser, address: str, school: School, words: str, sentence: str
) -> None:
    page = opened(browser, address, school, EDIT)
    area_of(page).press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(words)
    problem = page.locator("#texte-probleme")
    expect(problem).to_contain_text(sentence)
    said = problem.inner_text()
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#probleme")).to_have_text(said)
    page.context.close()


def test_the_letter_is_laid_out_again_when_typing_stops(browser: Browser, address: str, school: School) -> None:
    page = with_a_viewer(open_page(browser, DESK))
    log_in(page, address, school.login)
    page.goto(address + EDIT)
    area_of(page).press("Control+End")
    with page.expect_request("**/courriers/essai") as asked:
        page.keyboard.type(" Encore un mot.")
    assert "Encore+un+mot" in str(asked.value.post_data)
    assert asked.value.response().status == 200
    page.context.close()


def test_a_browser_that_shows_no_pdf_downloads_none_while_a_letter_is_typed(
    browser: Browser, address: str, school: School
) -> None:
    page = open_page(browser, DESK)
    page.add_init_script("Object.defineProperty(navigator, 'pdfViewerEnabled', { get: () => false })")
    log_in(page, address, school.login)
    page.goto(address + EDIT)
    expect(page.get_by_text("Ce navigateur ne montre pas les PDF dans la page")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("essai") else None)
    with page.expect_response("**/courriers/verifier"):
        area_of(page).press("a")
    page.wait_for_timeout(2000)
    page.context.close()
    assert asked == []


def test_somebody_who_types_without_end_asks_for_fewer_previews_than_one_person_may(
    browser: Browser, address: str, school: School
) -> None:
    page = with_a_viewer(open_page(browser, DESK))
    log_in(page, address, school.login)
    page.clock.install()
    page.route("**/courriers/essai", lambda route: route.fulfill(body="", content_type="text/html"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("essai") else None)
    page.goto(address + EDIT)
    area_of(page).press("Control+End")
    for _ in range(150):
        with page.expect_response("**/courriers/verifier"):
            page.keyboard.type("a")
            page.clock.run_for(500)
        page.evaluate("0")
        page.clock.run_for(1500)
    page.context.close()
    assert 10 < len(asked) <= PREVIEWS.most - 10


def test_leaving_with_changes_asks_first_and_after_saving_does_not(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, EDIT)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Annuler").click()
    page.wait_for_url("**/parametrage/ent/")
    assert asked == []
    page.goto(address + EDIT)
    area_of(page).press("Control+End")
    page.keyboard.type(" Encore.")
    page.get_by_role("link", name="Annuler").click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Le courrier est enregistré")).to_be_visible()
    assert asked == ["beforeunload"]
    page.context.close()


def test_a_refused_text_is_not_lost_by_leaving_either(browser: Browser, address: str, school: School) -> None:
    page = opened(browser, address, school, EDIT)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    emptied(page)
    page.keyboard.type("Rien")
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#probleme")).to_contain_text("Il manque de quoi se connecter")
    area_of(page).click()
    page.get_by_role("link", name="Annuler").click()
    assert asked == ["beforeunload"]
    page.context.close()


@pytest.mark.parametrize("path", [EDIT, MESSAGE], ids=["letter", "message"])
@pytest.mark.parametrize("size", [NARROW, PHONE, TABLET, DESK], ids=lambda size: str(size["width"]))
def test_no_page_with_an_editor_has_anything_to_complain_of(
    browser: Browser, address: str, school: School, size: dict[str, int], path: str
) -> None:
    page = open_page(browser, size)
    heard = complaints_heard(page)
    log_in(page, address, school.login)
    page.goto(address + path)
    expect(page.get_by_role("toolbar")).to_be_visible()
    if path == EDIT:
        area_of(page).press("Control+End")
        page.keyboard.type("\n{{ rien }} " + "m" * 90)
        expect(page.locator("#texte-probleme")).to_be_visible()
        page.get_by_role("button", name="Insérer une variable").click()
        expect(page.get_by_role("menuitem").first).to_be_focused()
    complaints = heard + complaints_about(page, f"editeur-{'lettre' if path == EDIT else 'message'}-{size['width']}")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        complaints.append("scrolls sideways")
    page.context.close()
    assert complaints == []


def test_at_twice_the_size_nothing_is_beside_the_page(browser: Browser, address: str, school: School) -> None:
    page = open_page(browser, {"width": 640, "height": 450}, device_scale_factor=2)
    log_in(page, address, school.login)
    page.goto(address + EDIT)
    expect(page.get_by_role("toolbar")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert violations_of(page) == []
    page.context.close()


def test_without_scripts_the_text_is_typed_with_its_tags(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = open_page(browser, DESK, java_script_enabled=False)
    log_in(page, address, school.login)
    page.goto(address + EDIT)
    expect(page.get_by_role("heading", name="Variables à insérer")).to_be_visible()
    page.get_by_label("Texte").fill("Bonjour <b>{{ nom }}</b>,\n\n{{ cadre_identifiants }}")
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Le courrier est enregistré")).to_be_visible()
    assert saved(database, school) == "<p>Bonjour <b>{{ nom }}</b>,</p>\n\n<p>{{ cadre_identifiants }}</p>"
    page.goto(address + MESSAGE)
    page.get_by_label("Message").fill("Bienvenue <strong>à tous</strong>")
    page.get_by_role("button", name="Aperçu").click()
    expect(page.locator(".preview strong")).to_have_text("à tous")
    page.context.close()


def test_what_is_pasted_from_word_keeps_its_words_and_what_a_letter_may_hold(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, EDIT)
    heard = complaints_heard(page)
    emptied(page)
    paste(page, (PASTED / "word.html").read_text("utf-8"))
    text = typed(page)
    page.context.close()
    assert text == (
        "<h3>La rentrée</h3>\n\n<p><b>Bonjour {{ nom }},</b></p>\n\n"
        "<p>Voici ce qu'il <u>faut</u> apporter&nbsp;:</p>\n\n"
        "<ul>\n<li>un cahier</li>\n<li>des stylos</li>\n</ul>\n\n<p>Puis&nbsp;:</p>\n\n"
        "<ol>\n<li>signez</li>\n<li>rendez le coupon</li>\n</ol>\n\n<p>Lundi</p>\n\n<p>8 h</p>"
    )
    assert cleaned(text) == text
    assert heard == []


FROM_PROGRAMS = {
    "google_docs": (
        "<h3>Réunion des parents</h3>\n\n<p>Elle a lieu <b>mardi</b><u> en salle 12</u>.</p>\n\n"
        "<ul>\n<li>le carnet</li>\n<li>un stylo</li>\n</ul>"
    ),
    "libreoffice": (
        "<h3>Sortie au musée</h3>\n\n<p>Le car part à <b>8 h</b>, <u>devant la grille</u>.</p>\n\n"
        "<ol>\n<li>le billet</li>\n<li><b>le repas</b></li>\n</ol>"
    ),
    "gmail": (
        "<p>Bonjour à tous,</p>\n\n<p>Pensez à <b>signer</b> le carnet&nbsp;; <b>merci</b>.</p>\n\n"
        "<ul>\n<li>avant <u>lundi</u></li>\n<li>au stylo</li>\n</ul>\n\n<p>Reçu, merci.</p>\n\n<p>Le secrétariat</p>"
    ),
    "outlook": (
        "<p>Madame, Monsieur,</p>\n\n<p>La cantine ferme <b>vendredi</b>&nbsp;: prévoyez un <u>pique-nique</u>.</p>\n\n"
        "<p>Cordialement,</p>\n\n<p>La gestion</p>"
    ),
}
"""What is on the clipboard of each, and what a letter keeps of it: shapes that those programs write, words of ours."""


def test_what_is_pasted_from_other_programs_is_what_a_letter_may_hold(
    browser: Browser, address: str, school: School
) -> None:
    page = opened(browser, address, school, EDIT)
    heard = complaints_heard(page)
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith(address) else None)
    kept = {}
    for program in FROM_PROGRAMS:
        emptied(page)
        paste(page, (PASTED / f"{program}.html").read_text("utf-8"))
        kept[program] = typed(page)
        assert cleaned(kept[program]) == kept[program], program
    page.context.close()
    assert kept == FROM_PROGRAMS
    assert heard == []


def test_what_is_pasted_from_the_web_runs_nothing_asks_nothing_and_keeps_its_links(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = opened(browser, address, school, MESSAGE)
    heard = complaints_heard(page)
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith(address) else None)
    emptied(page)
    paste(page, (PASTED / "page.html").read_text("utf-8"))
    expect(page.locator("#apercu")).to_contain_text("12 septembre")
    text = typed(page)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Le message d'accueil est enregistré")).to_be_visible()
    page.context.close()
    assert heard == []
    with database.reading() as session:
        kept = settings_of(session, school.id).welcome_message
    assert kept == text
    assert re.findall(r'href="([^"]*)"', kept) == ["https://college.example/rentree?a=1&amp;b=2"]
    assert "<p>Réunion de rentrée</p>" in re.sub("</?b>", "", kept)
    assert "<b>12 septembre</b>" in kept
    for word in ("script", "onerror", "onclick", "alert", "style", "img", "svg", "voleur", "traceur", "Envoyer"):
        assert word not in kept


ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<p onclick="alert(1)" style="position:fixed">x</p>',
    '"><svg onload=alert(1)>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "{{ nom'\"><img src=x onerror=alert(1)> }}",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_is_sent_through_the_field_runs_in_the_editor(
    browser: Browser, address: str, school: School, attack: str
) -> None:
    page = opened(browser, address, school, EDIT)
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.accept()))
    # As somebody without the editor would send it: refused, it comes back in the page.
    page.locator("textarea[data-check]").evaluate("(field, words) => { field.value = words; }", attack)
    page.get_by_role("button", name="Valider").click()
    expect(page.locator("#probleme")).to_be_visible()
    expect(page.get_by_role("toolbar")).to_be_visible()
    for kind in ("text/html", "text/plain"):
        paste(page, attack, kind)
    inside = area_of(page).evaluate(
        "area => [...area.querySelectorAll('*')].flatMap(one => [one.localName, ...one.getAttributeNames()])"
    )
    page.context.close()
    assert heard == []
    assert {one for one in inside if one.startswith("on") or one in {"script", "svg", "style", "iframe"}} == set()


def test_a_message_gets_a_link_by_keyboard_and_its_look_beside(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = opened(browser, address, school, MESSAGE)
    area_of(page).focus()
    page.keyboard.type("Voir le site")
    for _ in "site":
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Control+k")
    page.keyboard.type("javascript:alert(1)")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Cette adresse n'est pas valable")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("www.college.example")
    page.keyboard.press("Enter")
    expect(page.locator("#apercu a")).to_have_text("site")
    expect(page.locator(".characters")).to_have_text("12")
    tab_to(page, "Valider")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Le message d'accueil est enregistré")).to_be_visible()
    with database.reading() as session:
        kept = settings_of(session, school.id).welcome_message
    assert kept == '<p>Voir le <a href="https://www.college.example" rel="noopener noreferrer">site</a></p>'
    page.context.close()


def test_a_text_sent_once_the_session_had_ended_is_given_back(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = opened(browser, address, school, MESSAGE)
    area = page.get_by_role("textbox", name="Message")
    area.fill("Bonne rentrée à tous")
    end_every_session(database)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Vous n'êtes plus connecté.")).to_be_visible()
    page.get_by_label("Identifiant").fill(school.login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    assert "Bonne rentrée" not in area.inner_text()
    page.get_by_role("button", name="Le reprendre").click()
    expect(area).to_have_text("Bonne rentrée à tous")
    assert complaints_about(page, "editeur-texte-repris") == []
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_text("Bonne rentrée à tous").first).to_be_visible()
    page.goto(f"{address}{MESSAGE}")
    expect(page.get_by_role("toolbar")).to_be_visible()
    expect(page.get_by_role("button", name="Le reprendre")).to_have_count(0)


def test_a_text_that_was_saved_is_not_offered_again_after_another_login(
    browser: Browser, address: str, school: School, database: Database
) -> None:
    page = opened(browser, address, school, MESSAGE)
    page.get_by_role("textbox", name="Message").fill("Bonne rentrée à tous")
    page.get_by_role("button", name="Valider").click()
    page.wait_for_load_state()
    page.goto(f"{address}/")
    end_every_session(database)
    page.goto(f"{address}{MESSAGE}")
    page.get_by_label("Identifiant").fill(school.login)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    expect(page.get_by_role("button", name="Le reprendre")).to_have_count(0)


def end_every_session(database: Database) -> None:
    with database.writing() as session:
        session.execute(delete(StaffSession))
