"""Files that try to take the memory or the time of whoever reads them; as a program, tells what reading them takes."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.database import Database
from shared.journal import COMMAND
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.report import ImportRefused
from tests.benchmarks.measuring import peak_mebibytes
from tests.siecle.conftest import NOW

MIB = 1024**2
HEAD = (
    b'<?xml version="1.0" encoding="ISO-8859-15"?>\n<BEE_ELEVES VERSION="2.1">'
    b"<PARAMETRES><UAJ>9740001A</UAJ></PARAMETRES>"
)
DATA = (
    b'<DONNEES><ELEVES><ELEVE ELEVE_ID="1"><NOM>PAYET</NOM><PRENOM>L</PRENOM><DATE_NAISS>01/01/2012</DATE_NAISS>'
    b"</ELEVE></ELEVES></DONNEES>"
)
END = b"</BEE_ELEVES>"
JUNK = b"<j><k/></j>"

Repeated = bytes | Callable[[int], bytes]


def _kinds() -> dict[str, tuple[bytes, Repeated, bytes]]:
    """What stands before, what is repeated until the file is big enough (with a number that grows), what ends it."""
    before_data, in_junk, end_of_junk = HEAD, HEAD + DATA + b"<j>", b"</j>" + END
    return {
        "junk before the data": (before_data, b"<j/>", DATA + END),
        "junk after the data": (HEAD + DATA, JUNK, END),
        "junk within junk": (in_junk, JUNK, end_of_junk),
        "junk among the blocks": (HEAD + b"<DONNEES>", JUNK, DATA.removeprefix(b"<DONNEES>") + END),
        "junk in a block that nobody reads": (HEAD + b"<DONNEES><OPTIONS>", JUNK, b"</OPTIONS></DONNEES>" + END),
        "junk in a block": (HEAD + b"<DONNEES><ELEVES>", JUNK, b"</ELEVES></DONNEES>" + END),
        "junk in a record": (HEAD + b"<DONNEES><ELEVES><ELEVE>", JUNK, b"</ELEVE></ELEVES></DONNEES>" + END),
        "records that say nothing": (HEAD + b"<DONNEES><ELEVES>", b"<ELEVE/>", b"</ELEVES></DONNEES>" + END),
        "the same tags again in junk": (in_junk, b"<DONNEES/><BEE_ELEVES/>", end_of_junk),
        "one in another": (HEAD + DATA, b"<j>", END),
        "one in another, each with text": (HEAD + b"<DONNEES><ELEVES><ELEVE>", b"<j>text>", END),
        "a long attribute": (in_junk + b"<k a='", b"x", b"'/>" + end_of_junk),
        "a long attribute that looks like many tags": (in_junk + b"<k a='", b"x>", b"'/>" + end_of_junk),
        "many attributes": (in_junk + b"<k ", lambda number: b"a%d='>' " % number, b"/>" + end_of_junk),
        "a long text": (in_junk, b"x", end_of_junk),
        "a long text that looks like many tags": (in_junk, b"x>", end_of_junk),
        "texts between elements": (in_junk, b"&#62;<k/>", end_of_junk),
        "comments": (HEAD + DATA, b"<!---->", END),
        "comments before the root": (b'<?xml version="1.0"?>', b"<!---->", HEAD + DATA + END),
        "instructions": (HEAD + DATA, b"<?a b?>", END),
        "sections of characters": (in_junk, b"<![CDATA[>]]>", end_of_junk),
        "a name of its own for each element": (in_junk, lambda number: b"<a%d/>" % number, end_of_junk),
        "a name of its own for each attribute": (in_junk, lambda number: b"<a b%d=''/>" % number, end_of_junk),
        "long names": (in_junk, lambda number: b"<a%s%d/>" % (b"n" * 40_000, number), end_of_junk),
        "a namespace for each element": (in_junk, lambda number: b"<a xmlns:b%d='u'/>" % number, end_of_junk),
    }


KINDS = _kinds()


def write_hostile(path: Path, kind: str, size: int) -> Path:
    """Write a file of `size` bytes, roughly."""
    with path.open("wb") as file:
        for piece in _pieces(*KINDS[kind], size):
            file.write(piece)
    return path


def _pieces(start: bytes, repeated: Repeated, end: bytes, size: int) -> Iterator[bytes]:
    yield start
    number = 0
    while size > 0:
        if callable(repeated):
            piece = b"".join(repeated(number + each) for each in range(10))
            number += 10
        else:
            piece = repeated * (65_536 // len(repeated) + 1)
        size -= len(piece)
        yield piece
    yield end


def main(url: str, *paths: str) -> None:
    """Read each file in turn; print by how many MiB the peak of this process grew so far, and what was said.

    An ordinary file is read first: what any import loads, some fifty MiB of it, is no file's doing.
    """
    database = Database(url)
    ordinary = Path(paths[0]).with_name("ordinary.xml")
    ordinary.write_bytes(HEAD + DATA + END)
    read(database, ordinary)
    before = peak_mebibytes()
    for path in paths:
        said = read(database, Path(path))
        print(f"{peak_mebibytes() - before:.0f}\t{said}", flush=True)


def read(database: Database, path: Path) -> str:
    """Try to import a file; returns what is said of it."""
    try:
        import_files(database, [path], Asked(actor=COMMAND, now=NOW, dry_run=True))
    except ImportRefused as refused:
        return str(refused)
    return "imported"


if __name__ == "__main__":
    main(*sys.argv[1:])
