"""Reads the records of an export one after the other, in memory that does not grow with the file."""

from collections.abc import Iterator
from typing import cast

from lxml import etree

from shared.siecle.opening import Source
from shared.siecle.report import ImportRefused, quoted

RECORD_BYTES = 16 * 1024**2
"""No record, nor what stands before the first one, may be larger."""

DATA = "DONNEES"
PARAMETERS = "PARAMETRES"
BLOCKS_OF_ONE_RECORD = frozenset({"UAJ"})
"""Blocks that are themselves the record."""

_AGAIN = "Téléchargez-le de nouveau depuis SIECLE."


def stream_records(source: Source, encoding: str) -> Iterator[tuple[str, etree._Element]]:
    """Each record with the tag of the block that holds it (`ELEVES`, `ADRESSES`…), in the order of the file.

    A record is to be used before the next one is asked for: it leaves memory soon after.

    Raises:
        ImportRefused: the file is not well-formed, stops before its end, or holds an enormous record.
    """
    parser = _parser(encoding)
    root: etree._Element | None = None
    bytes_since_last_record = 0
    for chunk in source.chunks():
        _feed(parser, chunk, source.label)
        bytes_since_last_record += len(chunk)
        root = _started_root(parser) if root is None else root
        if root is not None:
            for record in _release_finished_records(root, complete=False):
                bytes_since_last_record = 0
                yield record
        if bytes_since_last_record > RECORD_BYTES:
            raise ImportRefused(f"Le fichier {quoted(source.label)} contient un enregistrement démesuré. {_AGAIN}")
    yield from _release_finished_records(_close(parser, source.label), complete=True)


def read_parameters(source: Source, encoding: str) -> dict[str, str]:
    """The values of the block PARAMETRES, reading no further than its end; empty when there is none.

    Raises:
        ImportRefused: what comes before it is not well-formed.
    """
    parser = _parser(encoding)
    root: etree._Element | None = None
    for chunk in source.chunks():
        _feed(parser, chunk, source.label)
        root = _started_root(parser) if root is None else root
        if root is not None and root.find(DATA) is not None:
            break
    parameters = root.find(PARAMETERS) if root is not None else None
    return {} if parameters is None else {str(child.tag): (child.text or "").strip() for child in parameters}


def _parser(encoding: str) -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=("start",),
        # Every event keeps its element alive: only those that lead to the root are asked for.
        tag=(DATA, PARAMETERS),
        encoding=encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _feed(parser: etree.XMLPullParser, chunk: bytes, label: str) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise ImportRefused(
            f"Le fichier {quoted(label)} n'est pas un fichier XML correct à partir de la ligne {error.lineno}. {_AGAIN}"
        ) from None


def _close(parser: etree.XMLPullParser, label: str) -> etree._Element:
    try:
        root: etree._Element = parser.close()
    except etree.XMLSyntaxError as error:
        # The parser tells no line when it gave up on an entity that nothing declares.
        raise ImportRefused(
            f"Le fichier {quoted(label)} s'arrête avant la fin, à la ligne {error.lineno}\u00a0: "
            f"il est incomplet. {_AGAIN}"
            if error.lineno
            else f"Le fichier {quoted(label)} n'est pas un fichier XML correct\u00a0: il contient une entité inconnue "
            f"(«\u00a0&…;\u00a0»). {_AGAIN}"
        ) from None
    return root


def _started_root(parser: etree.XMLPullParser) -> etree._Element | None:
    for _event, element in parser.read_events():
        return cast("etree._Element", element).getparent()
    return None


def _release_finished_records(root: etree._Element, *, complete: bool) -> Iterator[tuple[str, etree._Element]]:
    """Yield the records that the parser is done with, and let go of them.

    While the file is being read, the last element of each level may still be open: it stays.
    """
    for data in root.iterchildren(DATA):
        for block in list(data):
            block_finished = complete or block.getnext() is not None
            yield from _release_block(block, finished=block_finished)
            if block_finished:
                data.remove(block)


def _release_block(block: etree._Element, *, finished: bool) -> Iterator[tuple[str, etree._Element]]:
    tag = str(block.tag)
    if tag in BLOCKS_OF_ONE_RECORD:
        if finished:
            yield tag, block
        return
    records = list(block) if finished else list(block)[:-1]
    for record in records:
        yield tag, record
    del block[: len(records)]
