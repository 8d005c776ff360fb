"""The lots of a campaign, bound into one PDF: every page as it was, in the order of the letters (R17)."""

import io

import pikepdf
import pytest
from pypdf import PdfReader

from shared.notifications.letters.joining import Binder
from shared.notifications.letters.logo import logo_of, written_anew
from shared.notifications.letters.pages import filling
from shared.notifications.letters.renderer import render
from shared.notifications.letters.typesetting.layout import typeset
from tests.notifications.letters.drawings import drawings
from tests.notifications.letters.pictures import drawn_logo
from tests.notifications.letters.test_letters import by, notice, placed

TITLE = "Notification (n° 12 0 R) du 24 novembre \\ « 6A » (1)"


def bound(lots: list[tuple[list[int], bytes]], *, both_sides: bool = False) -> bytes:
    whole = io.BytesIO()
    binder = Binder(whole.write)
    for positions, pdf in lots:
        binder.add(positions, pdf)
    binder.finish(TITLE, both_sides=both_sides)
    return whole.getvalue()


@pytest.fixture(scope="module")
def lots() -> list[tuple[list[int], bytes]]:
    """A slip, letters 1 and 3, and letter 2, which was tried again later; each letter shows the logo."""
    sent_by = by(logo=logo_of(written_anew(drawn_logo())))
    first, _ = typeset([filling(notice(name=f"Nom{number}"), sent_by) for number in (1, 3)])
    second, _ = typeset([filling(notice(name="Nom2"), sent_by)])
    return [([], render("<p>Bordereau (7 0 R)</p>")), ([1, 3], first), ([2], second)]


def test_every_page_is_as_it_was_and_letters_are_in_order(lots: list[tuple[list[int], bytes]]) -> None:
    pages = drawings(bound(lots))
    [slip], [one, three], [two] = (drawings(pdf) for _, pdf in lots)
    assert [placed(page) for page in pages] == [placed(page) for page in (slip, one, two, three)]


@pytest.mark.parametrize("both_sides", [False, True])
def test_it_is_a_sound_pdf_with_its_title_and_labels(lots: list[tuple[list[int], bytes]], *, both_sides: bool) -> None:
    content = bound(lots, both_sides=both_sides)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages) == (8 if both_sides else 4)
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.open_metadata()["dc:title"] == TITLE
    reader = PdfReader(io.BytesIO(content))
    assert reader.metadata is not None
    assert reader.metadata.title == TITLE
    labels = [label for label in reader.page_labels if not both_sides or label.endswith("1")]
    assert labels == ["Bordereau 1", "Courrier 1-1", "Courrier 2-1", "Courrier 3-1"]


def test_a_text_that_looks_like_a_reference_stays_as_it_is() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].obj.Note = pikepdf.String("voir (3 0 R) et \\) 4 0 R")
        lot = io.BytesIO()
        pdf.save(lot)
    with pikepdf.open(io.BytesIO(bound([([1], lot.getvalue())] * 2))) as pdf:
        assert [str(page.obj.Note) for page in pdf.pages] == ["voir (3 0 R) et \\) 4 0 R"] * 2
