"""What is printed: one page, inside the window, as xhtml2pdf would print it alone (R3, R9, R17, R20, R21)."""

import io
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf import xhtml2pdf_reportlab

from shared.establishments.ent import Ent
from shared.languages import LANGUAGES
from shared.models.accounts import AccountKind
from shared.models.letters import LetterPart
from shared.models.notifications import Text
from shared.notifications.content.notice import Child, Notice
from shared.notifications.content.reference import in_groups, reference_of
from shared.notifications.content.sender import School
from shared.notifications.letters.address_window import (
    ADDRESS_HEIGHT_MM,
    BLOCK_HEIGHT_MM,
    BLOCK_WIDTH_MM,
    FONTS,
    LINE_HEIGHT,
    POINT_MM,
    REFERENCE_MM,
    address_block,
    fit,
    width_mm,
    wrap,
)
from shared.notifications.letters.content import letter_of
from shared.notifications.letters.logo import Logo, logo_of, written_anew
from shared.notifications.letters.pages import Filling, OwnTexts, Sender, filling, page_of, sender
from shared.notifications.letters.renderer import BEHIND_OTHERS, LayoutFailed, Press, render
from shared.notifications.letters.typesetting.layout import typeset
from tests.conftest import skip_or_fail
from tests.notifications.letters.drawings import Drawing, drawings
from tests.notifications.letters.pictures import drawn_logo
from tests.signs import loose_signs

LEFT_MM, TOP_MM = 105, 55
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


PORTAL = "https://portail.example.org"
FOLDS_MM = (99, 148.5, 198)


def by(school: School = COLLEGE, texts: OwnTexts | None = None, logo: Logo | None = None) -> Sender:
    return sender(school, texts or {}, PORTAL, DAY, logo)


@pytest.fixture(scope="module")
def logo() -> Logo:
    """As high as any can be, with an edge all around."""
    return logo_of(written_anew(drawn_logo(900, 330)))


def printed(*notices: Notice, sent_by: Sender | None = None) -> list[Drawing]:
    return drawings(typeset([unreferenced(notice, sent_by or by()) for notice in notices])[0])


def unreferenced(one: Notice, sent_by: Sender) -> Filling:
    """The letter without its reference, which is drawn beside what is read of its page."""
    return replace(filling(one, sent_by), reference="")


def rasterised(pdf: bytes, dots: int = 60) -> list[Image.Image]:
    """Every page as whoever prints it sees it, in grey, at so many dots an inch."""
    if shutil.which("pdftoppm") is None:
        skip_or_fail("no pdftoppm (apt install poppler-utils)")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["pdftoppm", "-r", str(dots), "-gray", "-png", "-", f"{folder}/page"], input=pdf, check=True)
        return [Image.open(io.BytesIO(file.read_bytes())) for file in sorted(Path(folder).iterdir())]


def printed_plainly(one: Notice, sent_by: Sender | None = None) -> list[Drawing]:
    """What xhtml2pdf makes of this letter alone, with its words in the HTML."""
    return drawings(render(page_of(letter_of(one), sent_by or by())))


@pytest.mark.parametrize("text", list(Text))
@pytest.mark.parametrize("kind", list(AccountKind))
def test_every_text_is_one_page_for_guardians_and_students(text: Text, kind: AccountKind) -> None:
    (page,) = printed(notice(text, kind=kind))
    assert ("m.payet" in page.text) == (text is not Text.EXISTING_ACCOUNT)
    assert ("k7mq-x2hd-9wtb" in page.text) == (text in {Text.NEW_ACCOUNT, Text.NEW_PASSWORD})
    assert ("24 février 2027" in page.text) == (text in {Text.NEW_ACCOUNT, Text.ACTIVATION_REMINDER})
    assert ("Léa PAYET" in page.text) == (kind is AccountKind.GUARDIAN)


@pytest.mark.parametrize("kind", list(AccountKind))
def test_no_line_of_a_letter_begins_with_a_sign(kind: AccountKind) -> None:
    own = {(text, LetterPart.BODY): "Venez : « oui » ? « Oui » !" for text in ("guardian_reminder", "student_reminder")}
    for text in Text:
        assert loose_signs(page_of(letter_of(notice(text, kind=kind)), by(texts=own))) == []


def test_the_letter_says_who_writes_to_whom_about_what() -> None:
    (page,) = printed(notice())
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
        PORTAL,
    ):
        assert expected in page.text


@pytest.mark.parametrize("school", [COLLEGE, WORDY_COLLEGE])
@pytest.mark.parametrize("text", list(Text))
def test_the_hardest_letter_is_one_page_too(text: Text, school: School) -> None:
    one = notice(text)
    hardest = replace(HARDEST, text=text, initial_password=one.initial_password, deadline=one.deadline)
    (page,) = printed(hardest, sent_by=by(school))
    assert ("m.delarochefoucauldmontmorencylavaldarta12345" in page.text) == (text is not Text.EXISTING_ACCOUNT)


@pytest.mark.parametrize("one", [notice(), HARDEST, notice(address=("a", "b", "c", "d", "97400 SAINT-DENIS"))])
def test_the_address_is_inside_the_windows_of_dl_and_c5_envelopes(one: Notice) -> None:
    (page,) = printed(one)
    block = address_block(f"{one.civility} {one.name}", one.address)
    drawn = [run for run in page.runs if run.left > LEFT_MM - 1 and run.baseline < TOP_MM + 30]
    assert [run.text for run in drawn] == list(block.lines)
    for run in drawn:
        assert run.left >= LEFT_MM - 0.1
        assert run.right <= LEFT_MM + BLOCK_WIDTH_MM
        assert run.baseline - 0.7 * run.size * POINT_MM >= TOP_MM + REFERENCE_MM
        assert run.baseline + 0.2 * run.size * POINT_MM <= TOP_MM + BLOCK_HEIGHT_MM


@pytest.mark.parametrize("one", [notice(), HARDEST])
@pytest.mark.parametrize("number", [1, 2_147_483_647])
def test_the_window_shows_a_reference_that_scanners_and_people_read(one: Notice, number: int) -> None:
    pdf, _ = typeset([filling(replace(one, id=number), by())])
    (page,) = rasterised(pdf, 300)
    edges = (LEFT_MM, TOP_MM, LEFT_MM + BLOCK_WIDTH_MM, TOP_MM + BLOCK_HEIGHT_MM)
    window = page.crop(tuple(round(edge / 25.4 * 300) for edge in edges))  # type: ignore[arg-type]
    [read] = zxingcpp.read_barcodes(window)
    assert (read.text, read.format) == (reference_of(number), zxingcpp.BarcodeFormat.Code128)
    # Whoever types it reads it beside the bars.
    assert in_groups(reference_of(number)) in drawings(pdf)[0].text


def test_a_reference_is_nothing_that_a_family_could_take_for_the_square() -> None:
    one = replace(notice(), id=12_345)
    pdf, _ = typeset([filling(one, by())])
    [square] = [code for code in zxingcpp.read_barcodes(rasterised(pdf, 200)[0]) if "QR" in code.format.name]
    assert square.text == f"{PORTAL}/connexion#id=m.payet"
    assert one.identifier not in reference_of(one.id).lower()


@pytest.mark.parametrize("one", [notice(), HARDEST])
def test_nothing_else_is_near_the_window(one: Notice, logo: Logo) -> None:
    (page,) = printed(one, sent_by=by(WORDY_COLLEGE, logo=logo))
    of_school, qr_code = page.pictures
    assert of_school == pytest.approx((130, 12, 190, 34), abs=0.1)
    assert qr_code[1] > 90
    for run in page.runs:
        assert run.left >= LEFT_MM - 0.1 or run.right <= 102.5 or not 50 < run.baseline < 85, run.text


def test_beside_the_window_each_language_of_the_portal_says_where_it_is_chosen() -> None:
    told = re.findall(r'<p class="language( \w+)?"[^>]*>(.+?)</p>', page_of(letter_of(notice()), by()))
    assert len(told) == len(LANGUAGES) - 1
    (page,) = printed(HARDEST)
    lines = [run for run in page.runs if run.size == pytest.approx(7, abs=0.1) and run.baseline < 90 and run.left < 100]
    assert all(55 < run.baseline < 85 and 19.9 <= run.left <= run.right <= 102 for run in lines)
    assert len({round(run.baseline, 1) for run in lines}) == len(told)
    for name, font in (("arabic", "DejaVuSansCondensed-Arabic"), ("chinese", "DroidSansFallback-Chinese")):
        [sentence] = [words for of, words in told if of.strip() == name]
        assert set(map(ord, sentence)) <= set(TTFont(font, FONTS / f"{font}.ttf").face.charToGlyph)


def test_marks_show_where_to_fold_for_dl_and_for_c5() -> None:
    (page,) = printed(HARDEST)
    marks = [(left, top, right) for left, top, right, _ in page.shapes if right < 10]
    assert [top for _, top, _ in marks] == pytest.approx(FOLDS_MM, abs=0.1)
    assert all(left == pytest.approx(4, abs=0.1) for left, _, _ in marks)
    assert all(run.left >= 19.9 for run in page.runs)


def test_identifier_and_password_are_set_in_the_distinct_typeface_glyph_for_glyph() -> None:
    keys = {"il1o0.o0i1l", "k7mq-x2hd-9wtb"}
    (page,) = printed(notice(identifier="il1o0.o0i1l"))
    drawn = {run.text: run.font for run in page.runs if run.text in keys}
    assert set(drawn) == keys
    assert all("HyperlegibleMono" in font for font in drawn.values())


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh ĐẶNG", "ʻŌtomimi TEʻURA"])
def test_names_with_letters_of_other_languages_are_drawn_with_a_typeface_that_has_them(name: str) -> None:
    school = replace(COLLEGE, name=f"Collège {name}")
    (page,) = printed(notice(name=name, children=(Child(name, "6A"),)), sent_by=by(school))
    drawn = [run for run in page.runs if name in run.text]
    assert len(drawn) == 3
    assert all("DejaVu" in run.font for run in drawn)
    assert any("DejaVu" not in run.font for run in page.runs)


def test_every_font_used_is_embedded() -> None:
    pdf, _ = typeset([filling(notice(), by())])
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    fonts = {font.get_object()["/BaseFont"]: font.get_object() for font in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    for used in {run.font for run in drawings(pdf)[0].runs}:
        assert "/FontFile2" in fonts[f"/{used}"]["/FontDescriptor"].get_object(), used


ENT = replace(COLLEGE, ent=Ent("METICE", "https://metice.example.org"))


@pytest.mark.parametrize(
    ("school", "told", "leads_to"),
    [
        (COLLEGE, {PORTAL}, f"{PORTAL}/connexion#id=m.payet"),
        (ENT, {PORTAL, "https://metice.example.org"}, f"{PORTAL}/connexion#id=m.payet"),
        (replace(ENT, ent_only=True), {"https://metice.example.org"}, "https://metice.example.org"),
    ],
)
def test_the_letter_tells_the_addresses_that_the_school_chose(school: School, told: set[str], leads_to: str) -> None:
    pdf, _ = typeset([filling(notice(), by(school))])
    (page,) = drawings(pdf)
    assert {run.text for run in page.runs if run.text.startswith("https://")} == told
    [[picture]] = [list(one.images) for one in PdfReader(io.BytesIO(pdf)).pages]
    assert [code.text for code in zxingcpp.read_barcodes(picture.image)] == [leads_to]


def test_no_family_has_the_square_of_another_where_pictures_take_one_place_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A picture that is drawn gives its place to the next, now and then: here, always.
    monkeypatch.setattr(xhtml2pdf_reportlab, "id", lambda _: 1, raising=False)
    identifiers = [f"m.payet{number}" for number in range(5)]
    pdf, _ = typeset([filling(notice(identifier=one), by()) for one in identifiers])
    squares = [image.image for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images]
    read = [code.text.partition("=")[2] for one in squares for code in zxingcpp.read_barcodes(one)]
    assert read == identifiers


def test_each_family_has_the_square_that_leads_to_its_own_login_and_no_password_is_in_it() -> None:
    identifiers = ["m.payet", "p.hoarau12", "m." + "m" * 38 + ".99"]
    notices = [notice(identifier=one) for one in identifiers]
    pdf, _ = typeset([filling(one, by()) for one in (*notices, notice(Text.REMINDER))])
    squares = [image.image for page in PdfReader(io.BytesIO(pdf)).pages for image in page.images]
    read = [code.text for one in squares for code in zxingcpp.read_barcodes(one)]
    assert read == [f"{PORTAL}/connexion#id={one}" for one in (*identifiers, "m.payet")]
    # What browsers send of it is the same for everybody.
    assert {address.partition("#")[0] for address in read} == {f"{PORTAL}/connexion"}


def test_an_address_longer_than_its_box_is_whole() -> None:
    address = "https://ent.example.org/" + "abcdefghij" * 40
    (page,) = printed(notice(), sent_by=by(replace(ENT, ent=Ent("METICE", address))))
    assert address in page.text.replace("\n", "")
    assert all(run.right <= 190.1 for run in page.runs)


def test_names_cannot_write_html_styles_or_variables_of_their_own() -> None:
    evil = '<img src="file:///etc/passwd"><pdf:nextpage></pdf:nextpage>{{ mot_de_passe }}{{mot_de_passe}}</style>'
    (page,) = printed(notice(name=evil, children=(Child(evil[:40], "<b>6A</b>"),)))
    assert len(page.pictures) == 1
    assert "<b>6A</b>" in page.text
    assert page.text.count("k7mq-x2hd-9wtb") == 1


def test_the_renderer_reaches_no_file_and_no_network() -> None:
    page = '<html><body><p>a</p><img src="/etc/hostname"><img src="http://127.0.0.1:1/x.png"></body></html>'
    assert drawings(render(page))[0].pictures == []


def test_a_text_that_the_renderer_refuses_is_refused() -> None:
    nested = "<html><body>" + "<div>" * 200 + "x" + "</div>" * 200
    with Press() as press, pytest.raises(LayoutFailed):
        press.print(nested)


def _priority(_given: object) -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_the_renderer_lets_whoever_logs_in_go_first() -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with Press() as press:
        assert press._work(_priority, None, 60) == min(19, ours + BEHIND_OTHERS)


def test_a_rendering_that_takes_too_long_is_stopped_and_the_next_one_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.notifications.letters.renderer.SECONDS", 3.0)
    endless = "<html><body>" + "<p>y</p>" * 100_000
    with Press() as press:
        with pytest.raises(LayoutFailed, match="trop longue"):
            press.print(endless)
        monkeypatch.setattr("shared.notifications.letters.renderer.SECONDS", 30.0)
        assert press.letters([filling(notice(), by())]).pages == [1]


class TestOwnTexts:
    """Letters in the school's own words."""

    def test_every_variable_gets_its_value(self) -> None:
        text = (
            "<p>{{ appel }} {{ nom }}, {{ identifiant }} / {{ mot_de_passe }}</p>\n\n<p>Pour {{ enfants }}</p>\n\n"
            "<p>{{ etablissement }} {{ ville }} {{ telephone }} {{ chef_etablissement }} {{ date_limite }}</p>"
        )
        texts = {("guardian_new_account", LetterPart.BODY): text}
        (page,) = printed(notice(), sent_by=by(texts=texts))
        words = page.text.replace("\n", "")
        assert "Madame Marie PAYET, m.payet / k7mq-x2hd-9wtb" in words
        assert "Pour Léa PAYET (6A) et Tom PAYET (3B)" in words
        assert "Collège des Filaos Saint-Denis 0262 00 00 00 M. Jean HOARAU 24 février 2027" in words

    def test_a_text_longer_than_the_page_goes_on_and_the_next_letter_starts_anew(self) -> None:
        long = "\n\n".join(f"<p>Ligne {number}, {{{{ nom }}}}</p>" for number in range(60))
        texts = {("guardian_new_account", LetterPart.BODY): long}
        fillings = [filling(notice(), by(texts=texts)), filling(notice(Text.REMINDER), by(texts=texts))]
        pdf, pages = typeset(fillings)
        assert pages == [2, 1]
        first, second, third = drawings(pdf)
        assert "Ligne 0, Marie PAYET" in first.text
        assert "Ligne 59, Marie PAYET" in second.text
        assert all(20 <= run.baseline <= 282 for run in second.runs)
        assert "rappel" in third.text

    def test_a_head_higher_than_its_place_and_a_text_without_end_are_refused(self) -> None:
        high = {("guardian_new_account", LetterPart.HEADER): "<p>" + "<br>".join("abcdefghijkl") + "</p>"}
        endless = {("guardian_new_account", LetterPart.BODY): "\n\n".join(["<p>y</p>"] * 300)}
        with Press() as press:
            with pytest.raises(LayoutFailed, match="l'en-tête"):
                press.letters([filling(notice(), by(texts=high))])
            with pytest.raises(LayoutFailed, match="trop long"):
                press.letters([filling(notice(), by(texts=endless))])


latin = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), min_size=1, max_size=60)
names = st.one_of(latin, st.just(LONG_NAME))
children = st.lists(st.builds(Child, names, st.one_of(st.none(), st.just("6A"))), min_size=1, max_size=9)
OWN_WORDS = {
    ("guardian_new_account", LetterPart.HEADER): "<p><b>{{ etablissement }}</b><br>Pour <b>{{ nom }}</b></p>",
    ("guardian_new_account", LetterPart.BODY): (
        "<p>{{ appel }} <b>{{ nom }}</b>, pour {{ enfants }}.</p>\n\n{{ cadre_identifiants }}\n\n"
        "<ul>\n<li>Tapez <u>{{ identifiant }}</u> puis <strong>{{ mot_de_passe }}</strong> ;</li>\n"
        "<li>avant le {{ date_limite }}, {{ nom }}.</li>\n</ul>"
    ),
}


@given(
    text=st.sampled_from(list(Text)),
    kind=st.sampled_from(list(AccountKind)),
    civility=st.sampled_from([None, "Madame", "Monsieur"]),
    name=names,
    address=st.lists(latin, min_size=1, max_size=7),
    named=children,
    identifier=st.from_regex(r"[a-z]\.[a-z]{1,40}[0-9]{0,3}", fullmatch=True),
    own=st.booleans(),
    with_logo=st.booleans(),
)
@hypothesis_settings(
    # Making a failing letter smaller would take minutes, and it can be read as it is.
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_letters_printed_together_are_what_xhtml2pdf_prints_of_each_alone(
    text: Text,
    kind: AccountKind,
    civility: str | None,
    name: str,
    address: list[str],
    named: list[Child],
    identifier: str,
    own: bool,
    with_logo: bool,
    logo: Logo,
) -> None:
    sent_by = by(COLLEGE if own else WORDY_COLLEGE, OWN_WORDS if own else None, logo if with_logo else None)
    one = notice(
        text,
        kind=kind,
        civility=civility,
        name=name,
        address=tuple(address),
        children=tuple(named),
        identifier=identifier,
    )
    _, ours = printed(notice(), one, sent_by=sent_by)
    [plain] = printed_plainly(one, sent_by)
    assert placed(ours) == placed(plain)
    # The square to photograph is in the frame of the identifier, which a reminder has not.
    assert len(ours.pictures) == (text is not Text.EXISTING_ACCOUNT) + with_logo


@pytest.mark.parametrize(("one", "school"), [(notice(), ENT), (HARDEST, WORDY_COLLEGE)])
def test_printed_together_or_alone_a_letter_has_the_same_pixels(one: Notice, school: School, logo: Logo) -> None:
    sent_by = by(school, logo=logo)
    pdf, _ = typeset([unreferenced(notice(), sent_by), unreferenced(one, sent_by)])
    _, ours = rasterised(pdf)
    [plain] = rasterised(render(page_of(letter_of(one), sent_by)))
    assert ImageChops.difference(ours, plain).getbbox() is None


def placed(drawing: Drawing) -> tuple[list[Any], list[Any], list[Any]]:
    """Every run, every shape and every picture, to a hundredth of a millimetre, in the order of the page."""
    runs = [
        (round(run.baseline, 2), round(run.left, 2), round(run.right, 2), round(run.size, 2), run.font[7:], run.text)
        for run in drawing.runs
    ]
    shapes, pictures = (
        sorted(tuple(round(edge, 2) for edge in box) for box in boxes) for boxes in (drawing.shapes, drawing.pictures)
    )
    return sorted(runs), shapes, pictures


words = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=100)


@given(name=words, address=st.lists(words, min_size=1, max_size=7))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_address_fits_the_window(name: str, address: list[str]) -> None:
    block = address_block(name, address)
    assert len(block.lines) * block.points * LINE_HEIGHT * POINT_MM <= ADDRESS_HEIGHT_MM
    assert all(width_mm(line, block.points) <= BLOCK_WIDTH_MM for line in block.lines)


@given(words)
@hypothesis_settings(max_examples=60, deadline=None)
def test_wrapping_and_fitting_keep_every_word_they_have_room_for(text: str) -> None:
    assert "".join("".join(wrap(text, 50, 10)).split()) == "".join(text.split())
    assert fit(text, 500, 10) == text
    assert width_mm(fit(text, 30, 10), 10) <= 30
