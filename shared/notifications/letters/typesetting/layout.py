"""Lays out letters, in the rendering process: xhtml2pdf reads each page once, and every family gets its words in it.

What families do not differ by is laid out and drawn once for a document, as a form of the PDF that each letter shows;
paragraphs and tables that hold a mark are laid out anew for each family, by the very classes xhtml2pdf would use. The
outcome is that of xhtml2pdf reading each letter by itself, glyph for glyph; a test compares them.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, NextPageTemplate
from reportlab.platypus.doctemplate import _FrameBreak
from xhtml2pdf.config.resources import ResourceAccessPolicy, use_policy
from xhtml2pdf.document import pisaStory

from shared.notifications.letters.address_window import BLOCK_LEFT_MM, BLOCK_TOP_MM, FONTS
from shared.notifications.letters.pages import Filling
from shared.notifications.letters.reference_mark import draw_reference
from shared.notifications.letters.typesetting.marked import prepared, with_words

LARGEST_HTML = 20 * 1024 * 1024
DEEPEST_HTML = 60
MOST_PAGES = 4
PAGES_KEPT = 64
HERE = str(FONTS.parent / "letter.html")
"""What the renderer takes for the place of every document: it finds the typefaces beside it."""

NAMES = {"letterhead": "l'en-tête", "address": "l'adresse"}

# Streams as they are compressed: writing them in letters and digits takes time, and a quarter more room.
rl_config.useA85 = 0

POLICY = ResourceAccessPolicy.server(
    FONTS,
    allow_remote=False,
    max_document_bytes=LARGEST_HTML,
    max_depth=DEEPEST_HTML,
    max_render_seconds=None,
)


class DoesNotFit(Exception):
    """A letter has no room for what it should show; the message says which part."""


@dataclass(frozen=True)
class Page:
    """A page as xhtml2pdf read it: its zones in their order, what each holds, and where a long letter goes on."""

    size: tuple[float, float]
    zones: Sequence[tuple[Frame, Sequence[Flowable]]]
    rest: Frame


def typeset(fillings: Iterable[Filling]) -> tuple[bytes, list[int]]:
    """One PDF of all letters, in their order, and the number of pages of each.

    Raises:
        DoesNotFit: the head is higher than its place, or the body longer than `MOST_PAGES` pages.
    """
    pdf = io.BytesIO()
    canvas = Canvas(pdf, pageCompression=1, lang="fr-FR")
    canvas.setTitle("Courrier de notification")
    with use_policy(POLICY):
        pages = [_draw(canvas, filling) for filling in fillings]
        canvas.save()
    return pdf.getvalue(), pages


def _draw(canvas: Canvas, filling: Filling) -> int:
    page = _page(filling.page)
    canvas.setPageSize(page.size)
    if filling.reference:
        draw_reference(canvas, filling.reference, BLOCK_LEFT_MM * mm, page.size[1] - BLOCK_TOP_MM * mm)
    *fixed, (frame, body) = page.zones
    for zone, content in fixed:
        if _fill(canvas, zone, with_words(content, filling)):
            raise DoesNotFit(f"{NAMES.get(zone.id, zone.id)} ne tient pas à sa place")
    left, pages = _fill(canvas, frame, with_words(body, filling)), 1
    canvas.showPage()
    while left:
        if pages == MOST_PAGES:
            raise DoesNotFit(f"le courrier est trop long : {MOST_PAGES} pages au plus")
        left, pages = _fill(canvas, page.rest, left), pages + 1
        canvas.showPage()
    return pages


def _fill(canvas: Canvas, zone: Frame, content: list[Flowable]) -> list[Flowable]:
    """Put as much as there is room for; returns the rest."""
    frame = Frame(zone._x1, zone._y1, zone._width, zone._height, 0, 0, 0, 0)
    left = list(content)
    while left and frame.add(left[0], canvas):
        del left[0]
    if left:
        parts = frame.split(left[0], canvas)
        if parts and frame.add(parts[0], canvas):
            return [*parts[1:], *left[1:]]
        if len(left) == len(content) and zone.id == "rest":
            raise DoesNotFit("un paragraphe est plus haut que la page")
    return left


@lru_cache(maxsize=PAGES_KEPT)
def _page(html: str) -> Page:
    read = pisaStory(html, path=HERE, encoding="utf-8", resource_policy=POLICY)
    contents: list[list[Flowable]] = [[]]
    for flowable in read.story:
        if isinstance(flowable, _FrameBreak):
            contents.append([])
        elif not isinstance(flowable, NextPageTemplate):
            contents[-1].append(prepared(flowable))
    frames = read.templateList["letter"].frames
    return Page(read.pageSize, list(zip(frames, contents, strict=True)), read.templateList["next"].frames[0])
