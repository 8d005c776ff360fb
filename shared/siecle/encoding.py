"""Tells in which encoding a file is really written, when its declaration and its bytes disagree."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.siecle.report import ImportRefused, quoted

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"
ONE_BYTE_ENCODINGS = {"iso8859-1": "ISO-8859-1", "iso8859-15": "ISO-8859-15", "cp1252": WINDOWS_1252}
"""Those that a file may declare, as Python calls them, and as XML parsers do."""

# Control characters in ISO-8859, printed ones in windows-1252 save the five that it leaves undefined.
_ONLY_IN_WINDOWS_1252 = re.compile(rb"[\x80-\x9f]")
_UNDEFINED_IN_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")

_WHAT_TO_DO = "Téléchargez-le de nouveau depuis SIECLE, sans l'ouvrir ni l'enregistrer avec un autre logiciel."


@dataclass(frozen=True)
class Encoding:
    """The encoding to read a file in, and a sentence when it is not the declared one."""

    name: str
    warning: str | None = None


@dataclass
class _Traits:
    """What the bytes of a file say of its encoding."""

    ascii: bool = True
    not_utf8_at_line: int | None = None
    windows_1252: bool = False
    not_windows_1252: bool = False


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
    if known in ONE_BYTE_ENCODINGS:
        return _one_byte(label, ONE_BYTE_ENCODINGS[known], traits)
    if traits.not_utf8_at_line is not None:
        raise ImportRefused(
            f"Le fichier {quoted(label)} se dit écrit en UTF-8 mais ne l'est pas "
            f"(ligne {traits.not_utf8_at_line})\u00a0: les accents seraient perdus. {_WHAT_TO_DO}"
        )
    return Encoding(UTF_8)


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
    traits.ascii = False
    traits.windows_1252 = traits.windows_1252 or _ONLY_IN_WINDOWS_1252.search(chunk) is not None
    traits.not_windows_1252 = traits.not_windows_1252 or _UNDEFINED_IN_WINDOWS_1252.search(chunk) is not None
    if traits.not_utf8_at_line is None:
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            traits.not_utf8_at_line = line + chunk[: error.start].count(b"\n")
            decoder.reset()


def _one_byte(label: str, declared: str, traits: _Traits) -> Encoding:
    if traits.ascii:
        return Encoding(declared)
    if traits.not_utf8_at_line is None:
        return Encoding(UTF_8, _read_otherwise(label, declared, "UTF-8"))
    if not traits.windows_1252:
        return Encoding(declared)
    if traits.not_windows_1252:
        raise ImportRefused(
            f"Le fichier {quoted(label)} se dit écrit en {declared} mais contient des octets qui n'y ont pas de sens. "
            f"{_WHAT_TO_DO}"
        )
    if declared == WINDOWS_1252:
        return Encoding(declared)
    return Encoding(WINDOWS_1252, _read_otherwise(label, declared, WINDOWS_1252))


def _read_otherwise(label: str, declared: str, real: str) -> str:
    return (
        f"Le fichier {quoted(label)} se dit écrit en {declared} mais l'est en {real}\u00a0: "
        "il a été lu ainsi, vérifiez les accents."
    )
