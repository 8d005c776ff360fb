"""What is printed: one page each, inside the window, glyph for glyph (R3, R9, R17)."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pypdf import PageObject, PdfReader

from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.notifications.envelope import (
    BLOCK_HEIGHT_MM,
    BLOCK_WIDTH_MM,
    LINE_HEIGHT,
    POINT_MM,
    address_block,
    fit,
    width_mm,
    wrap,
)
from shared.notifications.letters import letters_html
from shared.notifications.notices import Child, Notice, Text
from shared.notifications.press import LayoutFailed, Press, render
from shared.notifications.schools import School

LEFT_MM, TOP_MM, PAGE_MM = 105, 55, 297
DAY, DEADLINE = date(2026, 11, 24), date(2027, 2, 24)
LONG_NAME = "Marie-Antoinette-Joséphine-Bernadette de la Rochefoucauld-Montmorency-Laval d'Artagnan de Saint-Exupéry"
COLLEGE = School(
    "Collège des Filaos",
    ("12 rue des Filaos", "97400 SAINT-DENIS"),
    "Saint-Denis",
    "0262 00 00 00",
    "ce.9740001a@example.org",
    "M. Jean HOARAU",
)
WORDY_COLLEGE = School(
    "Cité scolaire internationale et polyvalente des métiers de la mer et du tourisme Alphonse de Lamartine",
    (LONG_NAME, LONG_NAME, "97400 SAINT-DENIS DE LA RÉUNION SAINTE-CLOTILDE CEDEX"),
    "Saint-Denis",
    "0262 00 00 00",
    "x" * 64 + "@example.org",
    f"Mme {LONG_NAME}",
)


def notice(text: Text = Text.NEW_ACCOUNT, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "id": 1,
        "account_id": 1,
        "establishment_id": 1,
        "recipient": None,
        "position": 1,
        "text": text,
        "kind": AccountKind.GUARDIAN,
        "civility": "Madame",
        "name": "Marie PAYET",
        "address": ("3 chemin des Lilas", "97400 SAINT-DENIS"),
        "identifier": "m.payet",
        "initial_password": "k7mq-x2hd-9wtb" if text in {Text.NEW_ACCOUNT, Text.NEW_PASSWORD} else None,
        "children": (Child("Léa PAYET", "6A"), Child("Tom PAYET", "3B")),
        "deadline": DEADLINE if text in {Text.NEW_ACCOUNT, Text.ACTIVATION_REMINDER} else None,
    }
    return Notice(**(values | changes))


HARDEST = notice(
    name=f"{LONG_NAME} {LONG_NAME[:80]}",
    address=(
        "Résidence les Flamboyants d'Orient, bâtiment C, escalier 4, appartement 1204 bis",
        "Chez Monsieur et Madame Hoarau-Rivière de la Plaine des Palmistes",
        "123456 boulevard du Maréchal de Lattre de Tassigny prolongé",
        "Lieu-dit la Rivière Saint-Louis les Hauts",
        "BP 12345",
        "B-1050 Bruxelles Ixelles-Elsene Capitale",
        "BELGIQUE",
    ),
    identifier="m.delarochefoucauldmontmorencylavaldarta12345",
    children=tuple(Child(LONG_NAME, "6EMEAXXXXXX") for _ in range(8)),
)


@pytest.fixture
def settings() -> Settings:
    """What a letter shows needs no database and no mail server."""
    return Settings(public_portal_url="https://portail.example.org")


def pages(settings: Settings, *notices: Notice, school: School = COLLEGE) -> list[PageObject]:
    printed = render(letters_html(notices, {1: school}, settings, DAY))
    return list(PdfReader(io.BytesIO(printed.pdf)).pages)


def plain(page: PageObject) -> str:
    return page.extract_text().replace("\xa0", " ")


def lines_of(page: PageObject) -> list[tuple[float, float, float, str]]:
    """Each run of text: left and baseline, in millimetres from the top left corner, size in points, text."""
    runs: list[tuple[float, float, float, str]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip():
            left, up = cm[4] + tm[4] * cm[0], cm[5] + tm[5] * cm[3]
            runs.append((left * POINT_MM, PAGE_MM - up * POINT_MM, size, text.strip("\n")))

    page.extract_text(visitor_text=visit)
    return runs


@pytest.mark.parametrize("text", list(Text))
@pytest.mark.parametrize("kind", list(AccountKind))
def test_every_text_is_one_page_for_guardians_and_students(settings: Settings, text: Text, kind: AccountKind) -> None:
    (page,) = pages(settings, notice(text, kind=kind))
    words = plain(page)
    assert "m.payet" in words
    assert ("k7mq-x2hd-9wtb" in words) == (text in {Text.NEW_ACCOUNT, Text.NEW_PASSWORD})
    assert ("24 février 2027" in words) == (text in {Text.NEW_ACCOUNT, Text.ACTIVATION_REMINDER})
    assert ("Léa PAYET" in words) == (kind is AccountKind.GUARDIAN)


def test_the_letter_says_who_writes_to_whom_about_what(settings: Settings) -> None:
    (page,) = pages(settings, notice())
    words = plain(page)
    for expected in (
        "Collège des Filaos",
        "12 rue des Filaos",
        "Tél. : 0262 00 00 00",
        "ce.9740001a@example.org",
        "Saint-Denis, le 24 novembre 2026",
        "Objet : votre compte",
        "Léa PAYET, classe de 6A",
        "Tom PAYET, classe de 3B",
        "avant le 24 février 2027",
        "M. Jean HOARAU",
        "https://portail.example.org",
    ):
        assert expected in words


@pytest.mark.parametrize("school", [COLLEGE, WORDY_COLLEGE])
@pytest.mark.parametrize("text", list(Text))
def test_the_hardest_letter_is_one_page_too(settings: Settings, text: Text, school: School) -> None:
    hardest = replace(
        HARDEST,
        text=text,
        initial_password=notice(text).initial_password,
        deadline=notice(text).deadline,
    )
    (page,) = pages(settings, hardest, school=school)
    assert "m.delarochefoucauldmontmorencylavaldarta12345" in page.extract_text()


@pytest.mark.parametrize("one", [notice(), HARDEST, notice(address=("a", "b", "c", "d", "97400 SAINT-DENIS"))])
def test_the_address_is_inside_the_window(settings: Settings, one: Notice) -> None:
    (page,) = pages(settings, one)
    block = address_block(f"{one.civility} {one.name}", one.address)
    drawn = [run for run in lines_of(page) if run[0] > LEFT_MM - 1 and run[1] < TOP_MM + 30]
    assert [text for *_, text in drawn] == list(block.lines)
    for left, baseline, size, text in drawn:
        assert left >= LEFT_MM - 0.1
        assert left + width_mm(text, size) <= LEFT_MM + BLOCK_WIDTH_MM
        assert baseline - 0.7 * size * POINT_MM >= TOP_MM
        assert baseline + 0.2 * size * POINT_MM <= TOP_MM + BLOCK_HEIGHT_MM


@pytest.mark.parametrize("one", [notice(), HARDEST])
def test_nothing_else_is_near_the_window(settings: Settings, one: Notice) -> None:
    (page,) = pages(settings, one, school=WORDY_COLLEGE)
    for left, baseline, size, text in lines_of(page):
        in_window = left + width_mm(text, size) > 100 and 50 < baseline < 85
        assert not in_window or left >= LEFT_MM - 0.1, text


def test_identifier_and_password_are_set_in_the_distinct_typeface_glyph_for_glyph(settings: Settings) -> None:
    keys = ("il1o0.o0i1l", "k7mq-x2hd-9wtb")
    (page,) = pages(settings, notice(identifier=keys[0], initial_password=keys[1]))
    drawn: dict[str, str] = {}

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        if text.strip() in keys:
            drawn[text.strip()] = str(font["/BaseFont"])

    page.extract_text(visitor_text=visit)
    assert set(drawn) == set(keys)
    assert all("HyperlegibleMono" in name for name in drawn.values())


def test_every_font_used_is_embedded(settings: Settings) -> None:
    (page,) = pages(settings, notice())
    used = page["/Resources"]["/Font"]  # type: ignore[index]
    drawn = {font for font in _fonts_drawn(page) if font}
    for font in drawn:
        described = next(f.get_object() for f in used.values() if f.get_object()["/BaseFont"] == font)
        descendant = described.get("/DescendantFonts", [described])[0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"].get_object(), font


def _fonts_drawn(page: PageObject) -> Iterator[str]:
    found: list[str] = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, font, size: found.append(str(font["/BaseFont"])) if text.strip() else None
    )
    yield from set(found)


def test_the_qr_code_leads_to_the_login_page_and_carries_no_secret(settings: Settings) -> None:
    (page,) = pages(settings, notice())
    (picture,) = page.images
    assert [code.text for code in zxingcpp.read_barcodes(picture.image)] == ["https://portail.example.org/connexion"]


def test_names_cannot_write_html_or_styles_of_their_own(settings: Settings) -> None:
    evil = '<img src="file:///etc/passwd"><pdf:nextpage></pdf:nextpage>{{ portal }}</style>'
    (page,) = pages(settings, notice(name=evil, children=(Child(evil[:40], "<b>6A</b>"),)))
    assert len(page.images) == 1
    assert "<b>6A</b>" in page.extract_text()


def test_the_renderer_reaches_no_file_and_no_network() -> None:
    page = '<html><body><p>a</p><img src="/etc/hostname"><img src="http://127.0.0.1:1/x.png"></body></html>'
    assert list(PdfReader(io.BytesIO(render(page).pdf)).pages[0].images) == []


def test_a_text_of_more_pages_than_letters_is_refused(settings: Settings) -> None:
    html = letters_html([notice(), notice()], {1: COLLEGE}, settings, DAY)
    with Press() as press, pytest.raises(LayoutFailed, match="2 au lieu de 1"):
        press.print(html, pages=1)


def test_a_text_that_the_renderer_refuses_is_refused() -> None:
    nested = "<html><body>" + "<div>" * 200 + "x" + "</div>" * 200
    with Press() as press, pytest.raises(LayoutFailed):
        press.print(nested, pages=1)


def test_a_rendering_that_takes_too_long_is_stopped_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.notifications.press.SECONDS", 3.0)
    endless = "<html><body>" + "<p>y</p>" * 100_000
    with Press() as press:
        with pytest.raises(LayoutFailed, match="trop longue"):
            press.print(endless, pages=0)
        monkeypatch.setattr("shared.notifications.press.SECONDS", 30.0)
        assert press.print("<html><body><p>a</p></body></html>", pages=1).pages == 1


words = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=100)


@given(name=words, address=st.lists(words, min_size=1, max_size=7))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_address_fits_the_window(name: str, address: list[str]) -> None:
    block = address_block(name, address)
    assert len(block.lines) * block.points * LINE_HEIGHT * POINT_MM <= BLOCK_HEIGHT_MM
    assert all(width_mm(line, block.points) <= BLOCK_WIDTH_MM for line in block.lines)


@given(words)
@hypothesis_settings(max_examples=60, deadline=None)
def test_wrapping_and_fitting_keep_every_word_they_have_room_for(text: str) -> None:
    assert "".join(wrap(text, 50, 10)).replace(" ", "") == "".join(text.split())
    assert fit(text, 500, 10) == text
    assert width_mm(fit(text, 30, 10), 10) <= 30
