"""What the letters of a page have in common, and the places in it that wait for the words of each family.

Paragraphs and tables that hold a mark are copied for each family, with its words; the rest is drawn once in a document.
The parts of flowables that xhtml2pdf and ReportLab have no public name for are known here alone: the fragments of a
paragraph, the cells of a table, the content of a frame that keeps to its place.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, cast

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable
from xhtml2pdf.xhtml2pdf_reportlab import PmlImageReader

from shared.notifications.content.square import as_png, picture
from shared.notifications.letters.address_window import BOLD, REGULAR, drawn_in, named
from shared.notifications.letters.pages import CODE, Filling

# Around a form, for what is drawn a little outside the box of a flowable.
BLEED = 60
CHOSEN = ("mono", "ofarabic", "ofchinese")
"""In the names of the typefaces that were chosen for what they show: keys to be typed, one sentence of a language."""

_NUMBERS = count()
_CODE = as_png(CODE)
_MARK = re.compile(r"\{\{\w+\}\}")


class Settled(Flowable):
    """What is the same on every letter: laid out once, drawn once in a document, shown on each page."""

    def __init__(self, content: Flowable) -> None:
        super().__init__()
        self._content = content
        self._sizes: dict[float, tuple[float, float]] = {}
        # Not by `id`, which another has once this one is forgotten.
        self._form = f"settled{next(_NUMBERS)}"

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

    def getSpaceBefore(self) -> float:  # noqa: N802 - as ReportLab calls it
        """That of what is marked."""
        return float(self._content.getSpaceBefore())

    def getSpaceAfter(self) -> float:  # noqa: N802 - as ReportLab calls it
        """That of what is marked."""
        return float(self._content.getSpaceAfter())

    def drawOn(self, canvas: Canvas, x: float, y: float, _sW: float = 0) -> None:  # noqa: N802, N803 - likewise
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


def _parts(flowable: Any) -> Any:
    return getattr(flowable, "_cellvalues", None) or getattr(flowable, "_content", None)


def _with_parts(flowable: Any, parts: Any) -> Any:
    changed = copy.copy(flowable)
    if hasattr(flowable, "_cellvalues"):
        changed._cellvalues = parts
        # Laying a table out settles its widths in place, in the one list that both names are for.
        changed._argW = changed._colWidths = list(flowable._colWidths)
    else:
        changed._content = parts
    return changed


def _is_marked(flowable: Any) -> bool:
    if isinstance(flowable, list | tuple):
        return any(map(_is_marked, flowable))
    if hasattr(flowable, "frags"):
        return any(_MARK.search(str(getattr(one, "text", ""))) or _is_code(one) for one in flowable.frags)
    return isinstance(flowable, Flowable) and _is_marked(_parts(flowable) or [])


def prepared(flowable: Any) -> Any:
    """What xhtml2pdf made of a page, for many letters: what holds no mark is settled."""
    if isinstance(flowable, list | tuple):
        return [prepared(one) for one in flowable]
    if not isinstance(flowable, Flowable):
        return flowable
    if not _is_marked(flowable):
        return Settled(_with_letters(flowable))
    return _with_parts(flowable, prepared(_parts(flowable))) if _parts(flowable) else flowable


def _with_letters(flowable: Any) -> Any:
    """What is the same on every letter: the name of the school has its own letters too."""
    if isinstance(flowable, list | tuple):
        return [_with_letters(one) for one in flowable]
    if hasattr(flowable, "frags"):
        flowable.frags = [_readable(fragment) for fragment in flowable.frags]
    elif isinstance(flowable, Flowable) and _parts(flowable):
        return _with_parts(flowable, _with_letters(_parts(flowable)))
    return flowable


def with_words(flowables: Sequence[Any], filling: Filling) -> list[Any]:
    """The same with what one family is told in the place of the marks; what is settled is shared by all."""
    filled: list[Any] = []
    for one in flowables:
        repeated = _repeated(one, filling.lines) if hasattr(one, "frags") else None
        if repeated is None:
            filled.append(_filled(one, filling))
        else:
            mark, lines = repeated
            filled += [_paragraph(one, {mark: line}) for line in lines]
    return filled


def _repeated(paragraph: Any, lines: Mapping[str, tuple[str, ...]]) -> tuple[str, tuple[str, ...]] | None:
    marks = (mark for fragment in paragraph.frags for mark in _MARK.findall(str(fragment.text)))
    return next(((mark, lines[mark]) for mark in marks if mark in lines), None)


def _filled(one: Any, filling: Filling) -> Any:
    if isinstance(one, list):
        return with_words(one, filling)
    if isinstance(one, Settled) or not isinstance(one, Flowable):
        return one
    if hasattr(one, "frags"):
        return _paragraph(one, filling.words)
    return _with_parts(one, _filled(_parts(one), filling))


def _paragraph(paragraph: Any, words: Mapping[str, str]) -> Any:
    changed = copy.copy(paragraph)
    changed.frags = [_fragment(fragment, words) for fragment in paragraph.frags]
    return changed


def _fragment(fragment: Any, words: Mapping[str, str]) -> Any:
    text = str(getattr(fragment, "text", ""))
    if _is_code(fragment) and CODE in words:
        return _with_picture(fragment, _Square(words[CODE]))
    if not _MARK.search(text):
        return fragment
    changed = copy.copy(fragment)
    changed.text = _MARK.sub(lambda mark: words.get(mark.group(), mark.group()), text)
    return _readable(changed)


def _is_code(fragment: Any) -> bool:
    shown = getattr(getattr(fragment, "cbDefn", None), "image", None)
    return shown is not None and shown._imgdata == _CODE


def _with_picture(fragment: Any, shown: PmlImageReader) -> Any:
    """Another picture in the same place, of the same size."""
    changed = copy.copy(fragment)
    changed.cbDefn = copy.copy(fragment.cbDefn)
    changed.cbDefn.image = copy.copy(fragment.cbDefn.image)
    # Not through a file that would be read again: half of the time of a letter.
    changed.cbDefn.image.getImage = lambda: shown
    return changed


class _Square(PmlImageReader):
    """The square of one address, under a name of its own.

    A document draws pictures of one name as the first of them. xhtml2pdf names a picture by its place in memory, which
    the square of another family has taken meanwhile, once in some hundred letters.
    """

    def __init__(self, address: str) -> None:
        super().__init__(picture(address))
        self._name = f"square of {address}"

    def __str__(self) -> str:
        return self._name


def _readable(fragment: Any) -> Any:
    """In a typeface that has every letter of it: of « Nguyễn » or « ʻŌ », ours would print empty boxes."""
    text = str(getattr(fragment, "text", ""))
    if not text or text.isascii() or any(kept in fragment.fontName for kept in CHOSEN):
        return fragment
    font = BOLD if fragment.bold else REGULAR
    if (other := drawn_in(text, font)) != font:
        fragment = copy.copy(fragment)
        fragment.fontName = named(other)
    return fragment
