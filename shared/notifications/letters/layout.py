"""Lays out letters, in the rendering process: xhtml2pdf reads each page once, and every family gets its words in it.

What families do not differ by is laid out and drawn once for a document, as a form of the PDF that each letter shows;
paragraphs and tables that hold a mark are laid out anew for each family, by the very classes xhtml2pdf would use. The
outcome is that of xhtml2pdf reading each letter by itself, glyph for glyph; a test compares them.
"""

import copy
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from PIL.Image import Image
from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, NextPageTemplate
from reportlab.platypus.doctemplate import _FrameBreak
from xhtml2pdf.config.resources import ResourceAccessPolicy, use_policy
from xhtml2pdf.document import pisaStory
from xhtml2pdf.xhtml2pdf_reportlab import PmlImageReader

from shared.notifications.content.square import as_png, picture
from shared.notifications.letters.address_window import (
    BLOCK_LEFT_MM,
    BLOCK_TOP_MM,
    BOLD,
    FONTS,
    REGULAR,
    drawn_in,
    named,
)
from shared.notifications.letters.pages import CODE, Filling
from shared.notifications.letters.reference_mark import draw_reference

LARGEST_HTML = 20 * 1024 * 1024
DEEPEST_HTML = 60
MOST_PAGES = 4
PAGES_KEPT = 64
HERE = str(FONTS.parent / "letter.html")
"""What the renderer takes for the place of every document: it finds the typefaces beside it."""
# Around a form, for what is drawn a little outside the box of a flowable.
BLEED = 60

NAMES = {"letterhead": "l'en-tête", "address": "l'adresse"}

_CODE = as_png(CODE)
CHOSEN = ("mono", "ofarabic", "ofchinese")
"""In the names of the typefaces that were chosen for what they show: keys to be typed, one sentence of a language."""
_MARK = re.compile(r"\{\{\w+\}\}")

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
        if _fill(canvas, zone, _with_words(content, filling)):
            raise DoesNotFit(f"{NAMES.get(zone.id, zone.id)} ne tient pas à sa place")
    left, pages = _fill(canvas, frame, _with_words(body, filling)), 1
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
            contents[-1].append(_prepared(flowable))
    frames = read.templateList["letter"].frames
    return Page(read.pageSize, list(zip(frames, contents, strict=True)), read.templateList["next"].frames[0])


class Settled(Flowable):
    """What is the same on every letter: laid out once, drawn once in a document, shown on each page."""

    def __init__(self, content: Flowable) -> None:
        super().__init__()
        self._content = content
        self._sizes: dict[float, tuple[float, float]] = {}
        self._form = f"settled{id(self)}"

    # The names and arguments below are ReportLab's.

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Its size in `width`, found once."""
        if width not in self._sizes:
            self._sizes[width] = self._content.wrapOn(self.canv, width, height)
        self.width, self.height = self._sizes[width]
        return self._sizes[width]

    def split(self, width: float, height: float) -> list[Flowable]:
        """What it is cut into where the page ends."""
        # Cutting a paragraph, or failing to, forgets its lines.
        self._sizes.clear()
        return cast(list[Flowable], self._content.splitOn(self.canv, width, height))

    def getSpaceBefore(self) -> float:  # noqa: N802
        """Its own."""
        return float(self._content.getSpaceBefore())

    def getSpaceAfter(self) -> float:  # noqa: N802
        """Its own."""
        return float(self._content.getSpaceAfter())

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803
        """Show the form, which the first to be drawn makes."""
        if not canvas.hasForm(self._form):
            width, height = canvas._pagesize
            canvas.beginForm(self._form, -BLEED, -BLEED, width + BLEED, height + BLEED)
            self._content.drawOn(canvas, 0, 0, _sW)
            canvas.endForm()
        canvas.saveState()
        canvas.translate(x, y)
        canvas.doForm(self._form)
        canvas.restoreState()


# Below, the parts of flowables that xhtml2pdf and ReportLab have no public name for, in one place: the fragments of a
# paragraph, the cells of a table, the content of a frame that keeps to its place.


def _parts(flowable: Any) -> Any:  # noqa: ANN401 - lists of lists of flowables, as tables have them
    return getattr(flowable, "_cellvalues", None) or getattr(flowable, "_content", None)


def _with_parts(flowable: Any, parts: Any) -> Any:  # noqa: ANN401
    changed = copy.copy(flowable)
    if hasattr(flowable, "_cellvalues"):
        changed._cellvalues = parts
        # Laying a table out settles its widths in place, in the one list that both names are for.
        changed._argW = changed._colWidths = list(flowable._colWidths)
    else:
        changed._content = parts
    return changed


def _is_marked(flowable: Any) -> bool:  # noqa: ANN401
    if isinstance(flowable, list | tuple):
        return any(map(_is_marked, flowable))
    if hasattr(flowable, "frags"):
        return any(_MARK.search(str(getattr(one, "text", ""))) or _is_code(one) for one in flowable.frags)
    return isinstance(flowable, Flowable) and _is_marked(_parts(flowable) or [])


def _prepared(flowable: Any) -> Any:  # noqa: ANN401
    if isinstance(flowable, list | tuple):
        return [_prepared(one) for one in flowable]
    if not isinstance(flowable, Flowable):
        return flowable
    if not _is_marked(flowable):
        return Settled(_with_letters(flowable))
    return _with_parts(flowable, _prepared(_parts(flowable))) if _parts(flowable) else flowable


def _with_letters(flowable: Any) -> Any:  # noqa: ANN401
    """What is the same on every letter: the name of the school has its own letters too."""
    if isinstance(flowable, list | tuple):
        return [_with_letters(one) for one in flowable]
    if hasattr(flowable, "frags"):
        flowable.frags = [_readable(fragment) for fragment in flowable.frags]
    elif isinstance(flowable, Flowable) and _parts(flowable):
        return _with_parts(flowable, _with_letters(_parts(flowable)))
    return flowable


def _with_words(flowables: Sequence[Any], filling: Filling) -> list[Any]:
    filled: list[Any] = []
    for one in flowables:
        repeated = _repeated(one, filling.lines) if hasattr(one, "frags") else None
        if repeated is None:
            filled.append(_filled(one, filling))
        else:
            mark, lines = repeated
            filled += [_paragraph(one, {mark: line}) for line in lines]
    return filled


def _repeated(paragraph: Any, lines: Mapping[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]] | None:  # noqa: ANN401
    marks = (mark for fragment in paragraph.frags for mark in _MARK.findall(str(fragment.text)))
    return next(((mark, lines[mark]) for mark in marks if mark in lines), None)


def _filled(one: Any, filling: Filling) -> Any:  # noqa: ANN401
    if isinstance(one, list):
        return _with_words(one, filling)
    if isinstance(one, Settled) or not isinstance(one, Flowable):
        return one
    if hasattr(one, "frags"):
        return _paragraph(one, filling.words)
    return _with_parts(one, _filled(_parts(one), filling))


def _paragraph(paragraph: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401
    changed = copy.copy(paragraph)
    changed.frags = [_fragment(fragment, words) for fragment in paragraph.frags]
    return changed


def _fragment(fragment: Any, words: Mapping[str, str]) -> Any:  # noqa: ANN401
    text = str(getattr(fragment, "text", ""))
    if _is_code(fragment) and CODE in words:
        return _with_picture(fragment, picture(words[CODE]))
    if not _MARK.search(text):
        return fragment
    changed = copy.copy(fragment)
    changed.text = _MARK.sub(lambda mark: words.get(mark.group(), mark.group()), text)
    return _readable(changed)


def _is_code(fragment: Any) -> bool:  # noqa: ANN401
    shown = getattr(getattr(fragment, "cbDefn", None), "image", None)
    return shown is not None and shown._imgdata == _CODE


def _with_picture(fragment: Any, shown: Image) -> Any:  # noqa: ANN401
    """Another picture in the same place, of the same size."""
    changed = copy.copy(fragment)
    changed.cbDefn = copy.copy(fragment.cbDefn)
    changed.cbDefn.image = copy.copy(fragment.cbDefn.image)
    # Not through a file that would be read again: half of the time of a letter.
    changed.cbDefn.image.getImage = lambda: PmlImageReader(shown)
    return changed


def _readable(fragment: Any) -> Any:  # noqa: ANN401
    """In a typeface that has every letter of it: of « Nguyễn » or « ʻŌ », ours would print empty boxes."""
    text = str(getattr(fragment, "text", ""))
    if not text or text.isascii() or any(kept in fragment.fontName for kept in CHOSEN):
        return fragment
    font = BOLD if fragment.bold else REGULAR
    if (other := drawn_in(text, font)) != font:
        fragment = copy.copy(fragment)
        fragment.fontName = named(other)
    return fragment
