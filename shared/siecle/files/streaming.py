"""Reads the records of an export one after the other, in memory that does not grow with the file, whatever it holds.

The parser builds a tree; after each piece of the file, what is finished in it is used or thrown away. So the tree never
holds more than one record, and where the parser is.
"""

import re
from collections.abc import Collection, Iterator
from secrets import randbelow
from typing import cast

from lxml import etree

from shared.siecle.files.memory import MemoryWatch
from shared.siecle.files.opening import Source
from shared.siecle.files.prolog import BYTE_ORDER_MARK
from shared.siecle.report import ImportRefused, quoted

RECORD_BYTES = 256 * 1024
"""No record, nor what stands before the first one, may be larger; real ones have 2,000 bytes."""
TAG_BYTES = 64 * 1024
"""No tag and no text may be longer; real ones have less than 300 bytes."""
TAGS = 20_000_000
"""What a file may hold at most, beginnings and ends; a school of 100,000 students has 8 million."""
DECLARATIONS = 1_000
"""Namespaces, which SIECLE hardly uses."""
NAMES_BYTES = 20_000
"""What the names of elements and attributes may come to; those of SIECLE come to 3,000."""
ONE_PIECE_IN = 8
DEPTH = 64
"""How deep elements may stand in one another; real ones stand at most seven deep."""

DATA = "DONNEES"
PARAMETERS = "PARAMETRES"
BLOCKS_OF_ONE_RECORD = frozenset({"UAJ"})
"""Blocks that are themselves the record."""

_ELEMENT = re.compile(rb"<([^\s/>!?<][^\s/><]*+)")
_ATTRIBUTE = re.compile(rb"[\s\"']([^\s=<>\"'/]++)\s*+=")
# XML has no place for them, and SIECLE writes those that were pasted into a field: nobody sees nor misses one. A zero
# is of a damaged file.
_CONTROLS = bytes({*range(1, 0x20)} - {*b"\t\n\r"})
_WRITTEN_CONTROLS = re.compile(rb"&#(?:0*(?:[1-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[1-8bBcCeEfF]|1[\da-fA-F]));")
_BLANKS_BEFORE_DECLARATION = re.compile(rb"\A(\s++)<\?xml\s[^>]*+>")
_SEMICOLON_MISSING = etree.ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING
_NAME_MISSING = etree.ErrorTypes.ERR_NAME_REQUIRED
_AGAIN = "Téléchargez-le de nouveau depuis SIECLE."


def stream_records(
    source: Source, encoding: str, root_tag: str, wanted: Collection[str]
) -> Iterator[tuple[str, etree._Element]]:
    """Each record of the blocks called one of `wanted`, with the tag of its block, in the order of the file.

    A record is to be used before the next one is asked for: it leaves memory soon after. What stands anywhere else is
    passed over.

    Raises:
        ImportRefused: the file is not well-formed, stops before its end, or is none that SIECLE can have written.
    """
    reading = _Reading(source, encoding, root_tag)
    held = 0
    for piece in _whole_tags(source):
        root = reading.feed(piece)
        held += len(piece)
        if root is not None:
            tree = _Tree(root, wanted, source.label)
            yield from tree.finished_records()
            held = 0 if tree.forgot else held
        if held > RECORD_BYTES:
            raise enormous(source.label, "un enregistrement démesuré")
    yield from _Tree(reading.end(), wanted, source.label, complete=True).finished_records()


def read_parameters(source: Source, encoding: str, root_tag: str) -> dict[str, str]:
    """The values of the block PARAMETRES, reading no further than its end; empty when there is none.

    Raises:
        ImportRefused: what comes before it is not well-formed, or is longer than a record.
    """
    reading = _Reading(source, encoding, root_tag)
    root, held = None, 0
    for piece in _whole_tags(source):
        root = reading.feed(piece)
        held += len(piece)
        if root is not None and root.find(DATA) is not None:
            break
        if held > RECORD_BYTES:
            raise enormous(source.label, "un début démesuré")
    parameters = root.find(PARAMETERS) if root is not None else None
    return {} if parameters is None else {str(child.tag): (child.text or "").strip() for child in parameters}


def _whole_tags(source: Source) -> Iterator[bytes]:
    """The bytes of `source`, in pieces that end where a tag ends.

    Raises:
        ImportRefused: a tag or a text is longer than any of SIECLE, or there are more of them, or of their names.
    """
    left = b""
    tags = declarations = 0
    names = Names(source.label)
    for chunk in source.chunks():
        cut = chunk.rfind(b">") + 1
        if cut:
            piece = left + chunk[:cut]
            left = b""
            names.look_at(piece)
            tags += piece.count(b"<")
            declarations += piece.count(b"xmlns")
            yield piece
        left += chunk[cut:]
        if len(left) > TAG_BYTES:
            raise enormous(source.label, "un élément démesuré")
        if tags > TAGS or declarations > DECLARATIONS:
            raise enormous(source.label, "trop d'éléments")
    if left:
        yield left


class Names:
    """The names of elements and attributes of a file, as far as they were looked at: one piece in eight, by chance.

    The parser remembers every name, for as long as the process lives: a file that has a new one for each element would
    take all its memory.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._seen: set[bytes] = set()

    def look_at(self, piece: bytes) -> None:
        """Count the names of a piece, if it is its turn.

        Raises:
            ImportRefused: there are more than SIECLE has.
        """
        if randbelow(ONE_PIECE_IN) == 0:
            self._seen.update(_ELEMENT.findall(piece), _ATTRIBUTE.findall(piece))
            if sum(map(len, self._seen)) > NAMES_BYTES:
                raise enormous(self._label, "trop de noms d'éléments")


class _Reading:
    """A parser at work on one file."""

    def __init__(self, source: Source, encoding: str, root_tag: str) -> None:
        self._label = source.label
        self._memory = MemoryWatch(source.label)
        self._root: etree._Element | None = None
        self._has_begun = False
        self._parser = etree.XMLPullParser(
            events=("start",),
            # Every event keeps its element alive: only the one that gives the root is asked for.
            tag=f"{{*}}{root_tag}",
            encoding=encoding,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            # Between elements there are as many blank texts as elements, which nobody reads.
            remove_blank_text=True,
            collect_ids=False,
            remove_pis=True,
        )

    def feed(self, piece: bytes) -> etree._Element | None:
        """The root, with what is known of it after `piece`; None as long as it has not begun."""
        if not self._has_begun:
            # In another encoding than UTF-8, the mark would be three characters before the root.
            piece, self._has_begun = _without_declaration(piece.removeprefix(BYTE_ORDER_MARK)), True
        try:
            self._parser.feed(_without_controls(piece))
        except etree.XMLSyntaxError as error:
            raise self._ill_formed(error) from None
        # The parser stops at an entity that nothing declares, and would take what follows for another file.
        for entry in self._parser.feed_error_log.filter_from_errors():
            raise self._ampersand(entry.line)
        for _event, element in self._parser.read_events():
            if self._root is None:
                self._root = cast("etree._Element", element)
        self._memory.look()
        return self._root

    def end(self) -> etree._Element:
        """The root, finished."""
        try:
            root: etree._Element = self._parser.close()
        except etree.XMLSyntaxError as error:
            if _is_ampersand(error):
                raise self._ampersand(error.lineno) from None
            raise ImportRefused(
                f"Le fichier {quoted(self._label)} s'arrête avant la fin, à la ligne {error.lineno}\u00a0: "
                f"il est incomplet. {_AGAIN}"
            ) from None
        return root

    def _ill_formed(self, error: etree.XMLSyntaxError) -> ImportRefused:
        if _is_ampersand(error):
            return self._ampersand(error.lineno)
        return ImportRefused(
            f"Le fichier {quoted(self._label)} n'est pas un fichier XML correct à partir de la ligne {error.lineno}. "
            f"{_AGAIN}"
        )

    def _ampersand(self, line: int | None) -> ImportRefused:
        return ImportRefused(
            f"Le fichier {quoted(self._label)} n'est pas un fichier XML correct\u00a0: à la ligne {line}, un "
            "«\u00a0&\u00a0» n'est pas écrit «\u00a0&amp;\u00a0», ou commence une entité inconnue. Remplacez-le par "
            "«\u00a0et\u00a0» dans SIECLE et refaites l'export."
        )


def _without_declaration(beginning: bytes) -> bytes:
    """The beginning of a file, without a declaration that does not come first: the parser was told the encoding.

    The blanks before it stay, so that lines keep their numbers.
    """
    return _BLANKS_BEFORE_DECLARATION.sub(rb"\1", beginning, count=1) if beginning[:1].isspace() else beginning


def _without_controls(piece: bytes) -> bytes:
    piece = piece.translate(None, delete=_CONTROLS)
    # One sign alone is found at once; most files have none.
    return _WRITTEN_CONTROLS.sub(b"", piece) if b"&" in piece and b"&#" in piece else piece


def _is_ampersand(error: etree.XMLSyntaxError) -> bool:
    code = getattr(error, "code", None)
    return code == _SEMICOLON_MISSING or (code == _NAME_MISSING and "EntityRef" in str(error.msg))


class _Tree:
    """What the parser has made so far of a file of which all is `complete`, or the last element of each level open."""

    def __init__(self, root: etree._Element, wanted: Collection[str], label: str, *, complete: bool = False) -> None:
        self._root = root
        self._wanted = wanted
        self._label = label
        self._complete = complete
        self.forgot = False
        """Whether anything was finished: as long as nothing is, the parser only gathers."""

    def finished_records(self) -> Iterator[tuple[str, etree._Element]]:
        """Yield the records that are finished, and let go of everything that is."""
        for part in self._root.iterchildren():
            if part.tag == DATA:
                finished = self._complete or part.getnext() is not None
                for block in part.iterchildren():
                    yield from self._records_of(block, finished=finished or block.getnext() is not None)
                self._forget(part, complete=finished)
            else:
                self._hollow_out(part)
        self._forget(self._root, complete=self._complete)

    def _records_of(self, block: etree._Element, *, finished: bool) -> Iterator[tuple[str, etree._Element]]:
        tag = str(block.tag)
        if tag not in self._wanted:
            self._hollow_out(block)
        elif tag not in BLOCKS_OF_ONE_RECORD:
            for record in list(block) if finished else list(block)[:-1]:
                yield tag, record
            self._forget(block, complete=finished)
        elif finished:
            yield tag, block

    def _forget(self, parent: etree._Element, *, complete: bool) -> None:
        finished = len(parent) if complete else len(parent) - 1
        if finished > 0:
            del parent[:finished]
            self.forgot = True

    def _hollow_out(self, element: etree._Element) -> None:
        """Let go of all that is finished in an element that nobody reads, however deep the parser is in it."""
        for _ in range(DEPTH):
            if len(element) == 0:
                return
            self._forget(element, complete=False)
            element = element[0]
        raise enormous(self._label, "trop d'éléments les uns dans les autres")


def enormous(label: str, what: str) -> ImportRefused:
    """The refusal of a file that is beyond what SIECLE writes."""
    return ImportRefused(
        f"Le fichier {quoted(label)} contient {what}\u00a0: ce n'est pas un export de SIECLE, ou il est abîmé. {_AGAIN}"
    )
