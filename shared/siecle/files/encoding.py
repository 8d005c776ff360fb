"""Tells in which encoding a file is really written, when its declaration and its bytes disagree."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.siecle.report import ImportRefused, quoted
from shared.siecle.values.mending import (
    ONE_BYTE_FOR_ALL,
    UTF_8,
    WINDOWS_1252,
    Mending,
    holds_utf8,
    holds_utf8_twice,
)

ISO_8859_15 = "ISO-8859-15"
"""What SIECLE writes."""
ONE_BYTE_ENCODINGS = {"iso8859-1": ONE_BYTE_FOR_ALL, "iso8859-15": ISO_8859_15, "cp1252": WINDOWS_1252}
"""Those that a file may declare, as Python calls them, and as XML parsers do."""
MOST_UNDEFINED = 10
UNDEFINED_ONE_IN = 20
"""Beyond, what windows-1252 leaves undefined is no accident: the file is in none of these encodings."""

_ASCII = bytes(range(0x80))
# Control characters in ISO-8859, printed ones in windows-1252 save the five that it leaves undefined.
_CONTROLS = re.compile(rb"[\x80-\x9f]")
_UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_FRACTIONS = re.compile(rb"[\xbc-\xbe]")

_WHAT_TO_DO = "Téléchargez-le de nouveau depuis SIECLE, sans l'ouvrir ni l'enregistrer avec un autre logiciel."


@dataclass(frozen=True)
class Encoding:
    """The encoding to read a file in, and a sentence when it is not the declared one."""

    name: str
    warning: str | None = None
    mending: Mending | None = None
    """How its texts are mended; None where all of them are of one encoding."""


@dataclass
class _Traits:
    """What the bytes of a file say of its encoding."""

    not_ascii: int = 0
    not_utf8_at_line: int | None = None
    controls: bool = False
    undefined: int = 0
    fractions: bool = False
    utf8_sequences: bool = False
    utf8_twice: bool = False
    last_bytes: bytes = b""
    """Of the chunk before: a character may be cut in two."""


def tell_encoding(label: str, declared: str | None, chunks: Iterable[bytes]) -> Encoding:
    """The encoding that the bytes of the file called `label` prove, reading all of it.

    Raises:
        ImportRefused: the declared encoding is unknown here, or the bytes are written in none that it may stand for.
    """
    known = _python_name(declared)
    if known not in {*ONE_BYTE_ENCODINGS, "utf-8", "ascii"}:
        raise ImportRefused(
            f"Le fichier {quoted(label)} se dit écrit en {quoted(declared or '')}, que SIECLE n'utilise pas. "
            f"{_WHAT_TO_DO}"
        )
    traits = _traits_of(chunks)
    written = ONE_BYTE_ENCODINGS.get(known or "")
    if traits.not_ascii == 0:
        return Encoding(written or UTF_8)
    if traits.not_utf8_at_line is None:
        told = _read_otherwise(label, written, "UTF-8") if written else None
        return Encoding(UTF_8, told, Mending(UTF_8) if traits.utf8_twice else None)
    if traits.undefined > max(MOST_UNDEFINED, traits.not_ascii // UNDEFINED_ONE_IN):
        raise ImportRefused(
            f"Le fichier {quoted(label)} se dit écrit en {written or 'UTF-8'} mais contient des octets qui n'y ont pas "
            f"de sens. {_WHAT_TO_DO}"
        )
    if written is None:
        told = _not_utf8(label, traits.not_utf8_at_line)
        return Encoding(ISO_8859_15, told, Mending(ISO_8859_15))
    return _one_byte(written, traits)


def _python_name(declared: str | None) -> str | None:
    try:
        return codecs.lookup(declared or UTF_8).name
    except LookupError:
        return None


def _traits_of(chunks: Iterable[bytes]) -> _Traits:
    traits = _Traits()
    decoder = codecs.getincrementaldecoder(UTF_8)()
    line = 1
    for chunk in chunks:
        if not (chunk.isascii() and decoder.getstate()[0] == b""):
            _look_at(chunk, line, decoder, traits)
        line += chunk.count(b"\n")
    if decoder.getstate()[0] and traits.not_utf8_at_line is None:
        traits.not_utf8_at_line = line
    return traits


def _look_at(chunk: bytes, line: int, decoder: codecs.IncrementalDecoder, traits: _Traits) -> None:
    special = chunk.translate(None, delete=_ASCII)
    traits.not_ascii += len(special)
    traits.controls = traits.controls or _CONTROLS.search(special) is not None
    traits.fractions = traits.fractions or _FRACTIONS.search(special) is not None
    # What is not ASCII, a byte in a hundred, holds each character of UTF-8 that the whole does: most need no more.
    if not traits.utf8_sequences and holds_utf8(traits.last_bytes + special):
        traits.utf8_sequences = holds_utf8(traits.last_bytes + chunk)
    traits.utf8_twice = traits.utf8_twice or holds_utf8_twice(traits.last_bytes + special)
    traits.last_bytes = chunk[-2:]
    if traits.controls:
        traits.undefined += len(_UNDEFINED.findall(special))
    if traits.not_utf8_at_line is None:
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            traits.not_utf8_at_line = line + chunk[: error.start].count(b"\n")
            decoder.reset()


def _one_byte(written: str, traits: _Traits) -> Encoding:
    read_as = ISO_8859_15 if written == ISO_8859_15 else ONE_BYTE_FOR_ALL
    fractions = traits.fractions and read_as == ONE_BYTE_FOR_ALL
    if traits.controls or traits.utf8_sequences or fractions:
        return Encoding(read_as, None, Mending(read_as, tells_windows_1252=written != WINDOWS_1252))
    return Encoding(read_as)


def _read_otherwise(label: str, declared: str, real: str) -> str:
    return (
        f"Le fichier {quoted(label)} se dit écrit en {declared} mais l'est en {real}\u00a0: "
        "il a été lu ainsi, vérifiez les accents."
    )


def _not_utf8(label: str, line: int) -> str:
    return (
        f"Le fichier {quoted(label)} se dit écrit en UTF-8 mais ne l'est pas (ligne {line})\u00a0: il a été lu en "
        f"{ISO_8859_15}, comme SIECLE l'écrit, vérifiez les accents."
    )
