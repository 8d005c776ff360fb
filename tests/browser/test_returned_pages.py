"""« Courriers revenus » in a browser: a scanner at full speed, a camera before a real letter, a server that is away."""

import base64
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import func, select, update

from admin_app import create_app
from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.notifications import Campaign, Mode, Notification
from shared.models.sending.posted import PostedLetter
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.content.reference import reference_of
from shared.notifications.letters.download import assemble_pdf
from shared.notifications.letters.worker import Printer
from tests.browser.conftest import CHROMIUM, DESK, PHONE, QUIET, complaints_heard, open_page
from tests.browser.letters_school import families_to_notify, school_to_notify
from tests.browser.long_named_school import log_in
from tests.browser.pages import keep_picture, violations_of
from tests.browser.serving import served
from tests.factories import at_desk
from tests.notifications.letters.test_letters import rasterised
from tests.patience import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

LETTERS = 24
WANTED_A_MINUTE = 20
DOTS = 300
FRAME = (640, 480)
PAGE = "/responsables/courriers-revenus/"
DONE, AGAIN, REFUSED = 880, 440, 196
"""What is heard, in hertz."""
LISTEN = """
    window.heard = [];
    window.told = [];
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      const tone = create.call(this);
      queueMicrotask(() => heard.push(tone.frequency.value));
      return tone;
    };
    new MutationObserver((changes) => {
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        const notice = node.id === "resultat" && node.firstElementChild;
        if (!notice) continue;
        told.push([node.dataset.outcome, notice.textContent.trim(), getComputedStyle(notice).backgroundColor]);
      }
    }).observe(document, { childList: true, subtree: true });
"""
"""What the page sounds and shows is kept, as somebody at the desk would hear and see it."""
DETECTOR = """
    window.BarcodeDetector = class {
      static async getSupportedFormats() { return ["code_128"]; }
      async detect(video) {
        const size = { width: video.videoWidth, height: video.videoHeight };
        const picture = Object.assign(document.createElement("canvas"), size);
        picture.getContext("2d").drawImage(video, 0, 0);
        return (await decode(picture.toDataURL("image/png"))).map((rawValue) => ({ rawValue }));
      }
    };
"""
"""Chromium has a reader of its own on telephones, and none on this system: another one reads the same pictures here."""


@dataclass
class Posted:
    """Letters in the post, by their references."""

    references: list[str]
    elsewhere: str
    """Of another school."""
    last_year: str
    pdf: bytes


@pytest.fixture
def posted(database: Database, settings: Settings, sealer: Sealer) -> Posted:
    ours, _ = letters(database, settings, sealer, "9740001H", [f"FAMILLE{number:02}" for number in range(LETTERS)])
    old, campaign = letters(database, settings, sealer, "9740001H", ["ANCIEN"])
    theirs, _ = letters(database, settings, sealer, "9740002J", ["VOISINE"])
    with database.writing() as session:
        long_ago = clock.now() - timedelta(days=400)
        session.execute(update(Campaign).where(Campaign.id == campaign).values(created_at=long_ago))
        first = session.scalars(select(Campaign.id).order_by(Campaign.id)).first()
    pdf = assemble_pdf(database, first or 0, sealer)
    return Posted(ours, theirs[0], old[0], pdf)


def letters(
    database: Database, settings: Settings, sealer: Sealer, uai: str, names: list[str]
) -> tuple[list[str], int]:
    """One letter for each of these families, printed; their references, and their campaign."""
    with database.writing() as session:
        school = school_to_notify(session, uai, f"chef-{uai.lower()}")
        accounts = families_to_notify(session, sealer, school, names, [f"6{names[0][:1]}"])
        desk = at_desk(session, school.id, now=clock.now())
        criteria = Criteria(account_ids=frozenset(account.id for account in accounts))
        campaign = launch(desk, criteria, Mode.PAPER, request_key=f"{uai}{names[0]}").id
    Printer(database, settings, Event()).print_due()
    with database.reading() as session:
        rows = session.scalars(select(Notification.id).where(Notification.campaign_id == campaign)).all()
    return [reference_of(row) for row in rows], campaign


@pytest.fixture
def address(settings: Settings, database: Database, posted: Posted) -> Iterator[str]:
    with served(create_app(settings, database)) as at:
        yield at


def at_the_scanner(page: Page, address: str) -> list[str]:
    """The page, listened to; what the browser complains of."""
    page.add_init_script(LISTEN)
    complaints = complaints_heard(page)
    log_in(page, address, "chef-9740001h")
    expect(page.get_by_role("heading", name="Connexion")).to_have_count(0)
    page.goto(f"{address}{PAGE}")
    expect(page.get_by_label("Référence de l'enveloppe")).to_be_focused()
    return complaints


def scan(page: Page, reference: str) -> None:
    """As a hand scanner does: its signs at once, then « Entrée »."""
    page.keyboard.type(reference)
    page.keyboard.press("Enter")


def noted(database: Database) -> int:
    with database.reading() as session:
        wanted = select(func.count()).select_from(PostedLetter).where(PostedLetter.returned_at.is_not(None))
        return session.scalar(wanted) or 0


def told(page: Page) -> list[list[Any]]:
    """Outcome, words and colour of each answer."""
    answers: list[list[Any]] = page.evaluate("told")
    return answers


def test_a_hand_scanner_at_full_speed_loses_no_envelope_and_each_is_answered(
    browser: Browser, address: str, posted: Posted, database: Database
) -> None:
    page = open_page(browser, DESK)
    complaints = at_the_scanner(page, address)
    began = time.monotonic()
    for reference in posted.references:
        scan(page, reference)
    a_minute = LETTERS / (time.monotonic() - began) * 60
    wait_until(lambda: noted(database) == LETTERS, "envelopes are noted", lambda: noted(database))
    wait_until(lambda: len(told(page)) == LETTERS, "each is answered", lambda: len(told(page)))
    print(f"{LETTERS} envelopes at {a_minute:.0f} a minute")
    assert a_minute >= WANTED_A_MINUTE
    answers = told(page)
    assert {outcome for outcome, _, _ in answers} == {"done"}
    # In their order, each by the name of its family.
    assert [f"FAMILLE{number:02}" in words for number, (_, words, _) in enumerate(answers)] == [True] * LETTERS
    assert page.evaluate("heard") == [DONE] * LETTERS
    expect(page.get_by_label("Référence de l'enveloppe")).to_be_focused()
    assert [violations_of(page), complaints] == [[], []]
    keep_picture(page, "admin-courriers-revenus")
    page.context.close()


def test_twice_of_another_school_and_of_last_year_are_told_apart_and_nothing_leaks(
    browser: Browser, address: str, posted: Posted, database: Database
) -> None:
    page = open_page(browser, DESK)
    at_the_scanner(page, address)
    first = posted.references[0]
    for reference in (first, first.lower(), posted.elsewhere, posted.last_year, "999999999", first):
        scan(page, reference)
    wait_until(lambda: len(told(page)) == 6, "each is answered", lambda: len(told(page)))
    answers = told(page)
    assert [outcome for outcome, _, _ in answers] == ["done", "again", "refused", "refused", "refused", "again"]
    colours = [colour for _, _, colour in answers]
    assert len({colours[0], colours[1], colours[2]}) == 3
    assert colours[2] == colours[3] == colours[4]
    assert page.evaluate("heard") == [DONE, *[AGAIN] * 2, *[REFUSED] * 3, *[AGAIN] * 2]
    assert "Aucun courrier de cet établissement" in answers[2][1]
    assert "année scolaire passée" in answers[3][1]
    assert "VOISINE" not in page.content()
    assert noted(database) == 1
    page.context.close()


def test_what_nobody_answered_waits_outlives_the_page_and_is_noted_once_the_server_is_back(
    browser: Browser, address: str, posted: Posted, database: Database
) -> None:
    page = open_page(browser, DESK)
    at_the_scanner(page, address)
    page.on("dialog", lambda dialog: dialog.accept())
    away = {"is": True}

    def perhaps(route: Route) -> None:
        if away["is"] and route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    page.route(f"**{PAGE}", perhaps)
    for reference in posted.references[:3]:
        scan(page, reference)
    waits = page.get_by_text("Le serveur ne répond pas")
    expect(waits).to_contain_text(posted.references[2])
    assert noted(database) == 0
    page.reload()
    expect(waits).to_contain_text("3 enveloppes attendent")
    away["is"] = False
    expect(page.locator("#derniers tbody tr")).to_have_count(3)
    assert noted(database) == 3
    expect(waits).to_have_count(0)
    # Nothing waits any more: another page asks nothing.
    page.goto(f"{address}/")
    page.context.close()


def test_a_scanner_that_types_where_nothing_is_reaches_the_field(
    browser: Browser, address: str, posted: Posted, database: Database
) -> None:
    page = open_page(browser, DESK)
    at_the_scanner(page, address)
    page.get_by_role("heading", name="Courriers revenus").click()
    scan(page, posted.references[0])
    wait_until(lambda: noted(database) == 1, "it is noted")
    # The button that undoes keeps its own keys.
    undo = page.locator("#resultat").get_by_role("button", name="C'est une erreur")
    undo.focus()
    scan(page, posted.references[1])
    wait_until(lambda: noted(database) == 2, "it is noted")
    page.context.close()


def before_the_camera(page: Image.Image) -> Image.Image | None:
    """The bars of one printed page, as near as somebody holds them; none of a page without."""
    codes = [code for code in zxingcpp.read_barcodes(page) if "128" in code.format.name]
    if not codes:
        return None
    at = codes[0].position
    margin = DOTS // 5
    edges = (at.top_left.x - margin, at.top_left.y - margin, at.bottom_right.x + margin, at.bottom_right.y + margin)
    bars = page.crop(edges).convert("L")
    seen = Image.new("L", FRAME, 255)
    seen.paste(bars.resize((FRAME[0], round(bars.height * FRAME[0] / bars.width))), (0, 100))
    return seen


def codes_in(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture) if "128" in code.format.name]


@pytest.fixture
def film(posted: Posted, tmp_path: Path) -> Path:
    """What a camera sees of the window of an envelope: the first letter, as it is printed."""
    seen = next(filter(None, map(before_the_camera, rasterised(posted.pdf, DOTS))))
    assert codes_in(seen)
    colours = bytes([128]) * (FRAME[0] * FRAME[1] // 2)
    header = f"YUV4MPEG2 W{FRAME[0]} H{FRAME[1]} F10:1 Ip A1:1 C420jpeg\n".encode()
    path = tmp_path / "envelope.y4m"
    path.write_bytes(header + (b"FRAME\n" + seen.tobytes() + colours) * 10)
    return path


def read_codes(picture: str) -> list[str]:
    return codes_in(Image.open(io.BytesIO(base64.b64decode(picture.partition(",")[2]))))


def test_a_camera_before_a_letter_notes_it_once(
    browser: Browser, address: str, posted: Posted, database: Database, film: Path
) -> None:
    fakes = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    args = [*QUIET, *fakes, f"--use-file-for-fake-video-capture={film}"]
    filming = browser.browser_type.launch(executable_path=CHROMIUM, args=args)
    try:
        page = open_page(filming, PHONE)
        page.expose_function("decode", read_codes)
        page.add_init_script(DETECTOR)
        complaints = at_the_scanner(page, address)
        page.get_by_role("button", name="Scanner avec l'appareil photo").click()
        expect(page.locator("#resultat")).to_contain_text("Noté")
        [(outcome, words, _)] = told(page)
        assert outcome == "done"
        assert "FAMILLE" in words
        keep_picture(page, "admin-courriers-revenus-camera")
        # The same envelope stays before the camera: it is looked at again, and not sent again.
        page.wait_for_timeout(1500)
        assert len(told(page)) == 1
        page.get_by_role("button", name="Arrêter l'appareil photo").click()
        expect(page.locator("video")).to_be_hidden()
        assert complaints == []
        assert noted(database) == 1
    finally:
        filming.close()
