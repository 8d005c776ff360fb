"""Binds the lots of a campaign into one PDF, a lot at a time, so that memory does not grow with the number of letters.

The lots are ours: each is copied object by object, its numbers moved up and nothing else touched, and what holds the
whole together (the order of the pages, their labels, the title) is written at the end. Libraries that join documents
keep every page of each in memory until then: 33 KB for a letter of 2 KB.
"""

import io
import re
from array import array
from collections.abc import Callable, Sequence
from itertools import groupby

from pikepdf import Name, Object, Pdf, Stream, String

from shared.models.notifications import SLIP_POSITION

A4 = b"[0 0 595.28 841.89]"
_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_PAGES, _LABELS, _METADATA, _INFO, _CATALOG = range(1, 6)
# A reference, unless it is part of a text: those are matched first, and left as they are. One that does not end is
# matched to the end, and digits from their first one only: nothing is looked at again from the next byte on.
_REFERENCE = re.compile(rb"\((?:\\.|[^\\)])*+(?:\)|\\?\Z)|(?<!\d)(\d{1,10}) (\d{1,5}) R\b", re.DOTALL)


class Binder:
    """One PDF in the making. `write` takes its bytes, in their order."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._length = 0
        # Where each object begins, in bytes from the start; number 0 is nobody's.
        self._offsets = array("Q", bytes(8 * (_CATALOG + 1)))
        self._pages: list[tuple[int, int, int]] = []
        self._put(_HEAD)

    def add(self, positions: Sequence[int], lot: bytes) -> None:
        """Copy the pages of `lot`; `positions` says which letter each is of, and is empty for the slip."""
        with Pdf.open(io.BytesIO(lot)) as pdf:
            first = len(self._offsets)
            kept = [one for one in pdf.objects if not _holds_together(one)]
            numbers = {one.objgen[0]: first + index for index, one in enumerate(kept)}
            for one in kept:
                self._put_object(self._next(), _copied(one, numbers))
            for index, page in enumerate(pdf.pages):
                position = positions[index] if positions else SLIP_POSITION
                # Lots come in the order of their first letter, and pages of one letter are all of one lot.
                self._pages.append((position, len(self._pages), numbers[page.obj.objgen[0]]))

    def finish(self, title: str, *, both_sides: bool, cut: bool = False) -> None:
        """Write what holds the pages together: by position, numbered anew in each letter, under this title.

        `both_sides`: each letter begins on the front of a sheet. `cut`: the pages are cut into coupons, and nothing is
        ever printed behind one: it would be another family's.
        """
        kids, labels = self._in_order(both_sides=both_sides, cut=cut)
        named = String(title).unparse()
        self._put_object(_PAGES, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), _references(kids)))
        self._put_object(_LABELS, b"<< /Nums [%s] >>" % b" ".join(labels))
        metadata = _metadata(title)
        about = b"<< /Type /Metadata /Subtype /XML /Length %d >>" % len(metadata)
        self._put_object(_METADATA, _stream(about, metadata))
        self._put_object(_INFO, b"<< /Title %s >>" % named)
        self._put_object(
            _CATALOG,
            b"<< /Type /Catalog /Pages %d 0 R /PageLabels %d 0 R /Metadata %d 0 R /Lang (fr-FR)"
            b" /ViewerPreferences << /DisplayDocTitle true /PrintScaling /None%s >> >>"
            % (_PAGES, _LABELS, _METADATA, b" /Duplex /Simplex" if cut and not both_sides else b""),
        )
        self._put_end()

    def _in_order(self, *, both_sides: bool, cut: bool) -> tuple[list[int], list[bytes]]:
        kids: list[int] = []
        labels: list[bytes] = []
        for number, (position, letter) in enumerate(groupby(sorted(self._pages), lambda page: page[0])):
            labels.append(b"%d %s" % (len(kids), _label(position, number, cut=cut)))
            for *_, page in letter:
                kids.append(page)
                if both_sides and cut:
                    kids.append(self._blank())
            if both_sides and len(kids) % 2:
                kids.append(self._blank())
        return kids, labels

    def _blank(self) -> int:
        number = self._next()
        page = b"<< /Type /Page /Parent %d 0 R /MediaBox %s /Resources << >> >>" % (_PAGES, A4)
        self._put_object(number, page)
        return number

    def _next(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _put_object(self, number: int, content: bytes) -> None:
        self._offsets[number] = self._length
        self._put(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    def _put_end(self) -> None:
        starts = self._length
        self._put(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        self._put(b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:]))
        trailer = b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        self._put(trailer % (len(self._offsets), _CATALOG, _INFO, starts))

    def _put(self, content: bytes) -> None:
        self._write(content)
        self._length += len(content)


def _holds_together(one: Object) -> bool:
    """Whether an object of a lot is about the lot as a whole, and not of a page: the whole has its own."""
    if isinstance(one, Stream):
        return one.get(Name.Type) == Name.Metadata
    return hasattr(one, "keys") and one.get(Name.Type) in {Name.Catalog, Name.Pages}


def _copied(one: Object, numbers: dict[int, int]) -> bytes:
    if isinstance(one, Stream):
        raw = one.read_raw_bytes()
        one.stream_dict.Length = len(raw)
        return _stream(_moved(one.stream_dict.unparse(), numbers), raw)
    return _moved(one.unparse(resolved=True), numbers)


def _moved(content: bytes, numbers: dict[int, int]) -> bytes:
    """What refers to an object of the lot refers to its copy; to the pages of the lot, to all pages."""

    def move(found: re.Match[bytes]) -> bytes:
        return b"%d 0 R" % numbers.get(int(found[1]), _PAGES) if found[1] else found[0]

    return _REFERENCE.sub(move, content)


def _stream(about: bytes, raw: bytes) -> bytes:
    return b"%s\nstream\n%s\nendstream" % (about, raw)


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)


def _label(position: int, number: int, *, cut: bool) -> bytes:
    """« Bordereau 1 », then « Courrier 1-1 », « Courrier 1-2 » when it has two pages, « Courrier 2-1 »…

    Coupons are numbered by division: « Division 1-1 ».
    """
    prefix = "Bordereau " if position == SLIP_POSITION else f"{'Division' if cut else 'Courrier'} {number}-"
    return b"<< /Type /PageLabel /S /D /P %s /St 1 >>" % String(prefix).unparse()


def _metadata(title: str) -> bytes:
    with Pdf.new() as empty:
        with empty.open_metadata() as metadata:
            metadata["dc:title"] = title
            metadata["dc:language"] = ["fr-FR"]
        # Read back from what was written: it is set only then.
        written = io.BytesIO()
        empty.save(written)
    with Pdf.open(written) as again:
        return bytes(again.Root.Metadata.read_bytes())
