"""R26: every page of the back office fits sheets of A4, in a type that is read at arm's length, with its columns."""

import io
import unicodedata
from collections import Counter

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.admin.conftest import School
from tests.browser.conftest import DESK, open_page
from tests.browser.long_named_school import (  # noqa: F401 - fixtures
    address,
    give_code,
    log_in,
    paths_beside_the_menu,
    paths_in_menu,
    school,
)

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]

A4 = (595, 842)
SMALLEST_TYPE = 8.5
"""Points, of what most of a page is written in: the browser shrinks all of a page of which something is too wide."""
HEADINGS = """() => [...document.querySelectorAll("thead th")].filter(one => one.checkVisibility()).map(one => {
  const shown = one.cloneNode(true);
  shown.querySelectorAll(".sr-only").forEach(part => part.remove());
  return shown.textContent;
})"""


def printed(page: Page) -> PdfReader:
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def most_common_type(pdf: PdfReader) -> float:
    """The size, in points, of most of the letters of the first sheet, as they lie on the paper."""
    letters = Counter[float]()

    def count(text: str, page_matrix: list[float], text_matrix: list[float], _font: object, size: float) -> None:
        letters[round(size * abs(text_matrix[3]) * abs(page_matrix[3]), 1)] += len(text.strip())

    pdf.pages[0].extract_text(visitor_text=count)
    return letters.most_common(1)[0][0]


def on_one_line(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


@pytest.mark.parametrize("way", ["", "imprimer=1"], ids=["browser", "impression"])
def test_every_page_fits_a4_at_a_type_that_is_read(
    browser: Browser,
    address: str,  # noqa: F811
    school: School,  # noqa: F811
    way: str,
) -> None:
    page = open_page(browser, DESK)
    log_in(page, address, "academie")
    give_code(page)
    wrong = []
    for path in [*paths_in_menu(page), *paths_beside_the_menu(school), "/responsables/notifications/echecs/"]:
        page.goto(f"{address}{path}{'&' if '?' in path else '?'}{way}")
        page.emulate_media(media="print")
        headings = page.evaluate(HEADINGS)
        pdf = printed(page)
        page.emulate_media(media="screen")
        sheet = tuple(round(float(side)) for side in pdf.pages[0].mediabox[2:])
        if sheet != A4:
            wrong.append(f"{path}: a sheet of {sheet}")
        if (points := most_common_type(pdf)) < SMALLEST_TYPE:
            wrong.append(f"{path}: {points} points")
        text = on_one_line("".join(one.extract_text() for one in pdf.pages))
        wrong += [f"{path}: no column {one}" for one in headings if on_one_line(one) not in text]
    page.context.close()
    assert wrong == []
