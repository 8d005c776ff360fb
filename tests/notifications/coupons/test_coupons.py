"""What is cut out and given out in class: eight a page, one division on each, everything readable (R17, R20, R21)."""

import io
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pypdf import PdfReader

from shared.establishments.ent import Ent
from shared.models.accounts import AccountKind
from shared.models.notifications import Text
from shared.notifications.content.notice import Child, Notice
from shared.notifications.coupons.drawing import COLUMNS, ROWS, draw
from shared.notifications.coupons.sheets import ON_A_PAGE, sheets_of
from shared.notifications.letters.pages import Sender, sender
from shared.notifications.letters.renderer import Press
from tests.notifications.letters.drawings import Drawing, Run, drawings
from tests.notifications.letters.test_letters import COLLEGE, LONG_NAME, PORTAL, WORDY_COLLEGE, notice, rasterised

DAY = date(2026, 9, 1)
WIDE, HIGH, TOP = 105, 69, 8


def by(school: Any = COLLEGE) -> Sender:
    return sender(school, {}, PORTAL, DAY)


def coupon(number: int = 1, division: str | None = "6A", text: Text = Text.NEW_ACCOUNT, **changes: Any) -> Notice:
    told = {"identifier": f"m.payet{number}", "carried_by": Child(f"Léa PAYET{number}", division), "position": number}
    return notice(text, **(told | changes))


def printed(*notices: Notice, sent_by: Sender | None = None) -> list[Drawing]:
    return drawings(draw(sheets_of(notices, sent_by or by())))


def within(page: Drawing, place: int) -> list[Run]:
    """What is written in one of the eight places."""
    row, column = divmod(place, COLUMNS)
    top, left = TOP + row * HIGH, column * WIDE
    return [run for run in page.runs if top < run.baseline <= top + HIGH and left <= run.left < left + WIDE]


def test_there_are_eight_on_a_page_and_the_ninth_is_on_the_next() -> None:
    first, second = printed(*map(coupon, range(1, 10)))
    for place in range(ROWS * COLUMNS):
        assert [run.text for run in within(first, place)].count(f"m.payet{place + 1}") == 1
    assert "m.payet9" in [run.text for run in within(second, 0)]
    assert all(not within(second, place) for place in range(1, ROWS * COLUMNS))
    assert "Division 6A – 1er septembre 2026 – page 1 sur 2" in first.text
    assert "Division 6A – 1er septembre 2026 – page 2 sur 2" in second.text


def test_each_division_has_pages_of_its_own_and_who_has_none_too() -> None:
    six, seven, none = printed(coupon(1), coupon(2, "6B"), coupon(3, None), coupon(4))
    assert ("m.payet1" in six.text, "m.payet4" in six.text, "m.payet2" in six.text) == (True, True, False)
    assert "Division 6B –" in seven.text
    assert "Sans division –" in none.text


def test_it_says_whose_it_is_who_reads_it_and_what_opens() -> None:
    (page,) = printed(coupon())
    for expected in (
        *("Collège des Filaos", "Léa PAYET1", "6A", "Pour Madame Marie PAYET", "m.payet1", "k7mq-x2hd-9wtb", PORTAL),
        "À faire avant le 24 février 2027.",
    ):
        assert expected in page.text


@pytest.mark.parametrize("text", list(Text))
@pytest.mark.parametrize("kind", list(AccountKind))
def test_it_tells_what_the_letter_tells_and_no_more(text: Text, kind: AccountKind) -> None:
    shown = "" if text is Text.EXISTING_ACCOUNT else "m.payet"
    (page,) = printed(coupon(text=text, kind=kind, identifier=shown))
    assert ("m.payet" in page.text) == (text is not Text.EXISTING_ACCOUNT)
    assert ("k7mq-x2hd-9wtb" in page.text) == (text in {Text.NEW_ACCOUNT, Text.NEW_PASSWORD})
    assert ("24 février 2027" in page.text) == (text in {Text.NEW_ACCOUNT, Text.ACTIVATION_REMINDER})
    assert ("Pour l'élève" in page.text) == (kind is AccountKind.STUDENT)


@pytest.mark.parametrize(
    ("school", "told", "leads_to"),
    [
        (COLLEGE, {PORTAL}, f"{PORTAL}/connexion#id=m.payet"),
        (
            replace(COLLEGE, ent=Ent("METICE", "https://metice.example.org")),
            {PORTAL, "https://metice.example.org"},
            f"{PORTAL}/connexion#id=m.payet",
        ),
        (
            replace(COLLEGE, ent=Ent("METICE", "https://metice.example.org"), ent_only=True),
            {"https://metice.example.org"},
            "https://metice.example.org",
        ),
    ],
)
def test_it_tells_the_addresses_that_the_school_chose(school: Any, told: set[str], leads_to: str) -> None:
    pdf = draw(sheets_of([coupon(1), coupon(2)], by(school)))
    (page,) = drawings(pdf)
    assert {run.text for run in page.runs if run.text.startswith("https://")} == told
    [picture] = rasterised(pdf, 150)
    assert sorted(code.text for code in zxingcpp.read_barcodes(picture)) == [
        leads_to + ("1" if "#" in leads_to else ""),
        leads_to + ("2" if "#" in leads_to else ""),
    ]


@pytest.mark.parametrize("name", ["Nguyễn Thị Ánh ĐẶNG", "ʻŌtomimi TEʻURA", "Łukasz ŽIŽKA", "Ơn ƯNG"])
def test_names_with_letters_of_other_languages_are_drawn_with_a_typeface_that_has_them(name: str) -> None:
    pdf = draw(sheets_of([coupon(carried_by=Child(name, "6A"), name=name)], by()))
    [page] = drawings(pdf)
    assert name in page.text
    fonts = PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    embedded = {font.get_object()["/BaseFont"][1:]: font.get_object().get("/FontDescriptor") for font in fonts.values()}
    used = {run.font for run in page.runs}
    assert all("/FontFile2" in embedded[font].get_object() for font in used)
    # The first glyph of a typeface is the empty box.
    assert "\x00" not in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


any_name = st.one_of(
    st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), min_size=1, max_size=120), st.just(LONG_NAME)
)


@given(
    text=st.sampled_from(list(Text)),
    child=any_name,
    name=any_name,
    division=st.one_of(st.none(), st.text("0123456789ABCDEFGH -", min_size=1, max_size=20)),
    identifier=st.from_regex(r"[a-z]\.[a-z]{1,40}[0-9]{0,3}", fullmatch=True),
    wordy=st.booleans(),
)
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_nothing_leaves_its_coupon_nor_covers_another_line(
    text: Text, child: str, name: str, division: str | None, identifier: str, wordy: bool
) -> None:
    school = replace(WORDY_COLLEGE, ent=Ent("METICE", "https://ent.example.org/" + "abcdefghij" * 9))
    (page,) = printed(
        coupon(text=text, carried_by=Child(child, division), name=name, identifier=identifier),
        sent_by=by(school if wordy else COLLEGE),
    )
    runs = [run for run in page.runs if run.baseline < TOP + HIGH]
    for run in runs:
        assert 7.9 <= run.left <= run.right <= 99.1, run.text
        assert TOP + 2 < run.baseline < TOP + HIGH - 2, run.text
    assert identifier in [run.text for run in runs]
    lines = sorted({round(run.baseline, 1) for run in runs})
    assert all(below - above > 2 or below - above < 0.2 for above, below in pairwise(lines))


def test_the_hardest_page_holds_eight_all_the_same() -> None:
    hard = [
        coupon(number, "6B", carried_by=Child(LONG_NAME, "6B"), name=LONG_NAME, identifier="m." + "m" * 42)
        for number in range(ON_A_PAGE)
    ]
    assert len(printed(*hard, sent_by=by(WORDY_COLLEGE))) == 1


def test_pages_of_coupons_are_drawn_in_the_process_of_the_letters() -> None:
    with Press() as press:
        made = press.coupons(sheets_of([coupon(1), coupon(2, "6B")], by()))
    assert made.pages == [1, 1]
    assert len(drawings(made.pdf)) == 2
