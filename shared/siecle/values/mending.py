"""Mends the texts of a file in which encodings are mixed, field by field, after the parser read it as one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from shared.persons.names import LOST_CHARACTER
from shared.siecle.report import quoted

UTF_8 = "utf-8"
ONE_BYTE_FOR_ALL = "ISO-8859-1"
"""Gives every byte a character: what windows-1252 leaves undefined stops no parser."""
WINDOWS_1252 = "windows-1252"

# Control characters of ISO-8859: none is ever typed, and windows-1252 has quotes, dashes and letters there.
_CONTROLS = re.compile("[\x80-\x9f]")
# Fractions beside letters, where ISO-8859-15 has Œ, œ and Ÿ.
_FRACTIONS = re.compile("(?:(?<=[^\\W\\d_])[\xbc-\xbe])|(?:[\xbc-\xbe](?=[^\\W\\d_]))")
_LIGATURES = str.maketrans({"\xbc": "Œ", "\xbd": "œ", "\xbe": "Ÿ"})
# What French is written with, and no more: of other pairs of bytes, some are letters of a name in ISO-8859-15.
_UTF_8_SEQUENCE = re.compile(
    rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xc5[\x92\x93\xa0\xa1\xb8\xbd\xbe]|\xe2\x80[\x80-\xbf]|\xe2\x82\xac"
    rb"|\xef\xbb\xbf|\xef\xbf\xbd"
)


def _of_windows_1252(character: str) -> str:
    try:
        return character.encode("latin-1").decode(WINDOWS_1252)
    except UnicodeDecodeError:
        return LOST_CHARACTER


_PRINTED = {number: _of_windows_1252(chr(number)) for number in range(0x80, 0xA0)}


# What each byte that follows another in UTF-8 is taken for, by whoever reads it in an encoding of one byte.
_TAKEN_FOR = {
    byte.decode(encoding, "ignore"): byte
    for encoding in ("ISO-8859-15", WINDOWS_1252, ONE_BYTE_FOR_ALL)
    for byte in (bytes([number]) for number in range(0x80, 0xC0))
}
_FOLLOWING = "".join(map(re.escape, filter(None, _TAKEN_FOR)))
_TAKEN_FOR |= {first: first.encode(ONE_BYTE_FOR_ALL) for first in "ÂÃÅâ"}
_UTF_8_TWICE = re.compile(f"[ÂÃÅ][{_FOLLOWING}]|â[{_FOLLOWING}]{{2}}")
_BYTES_OF_UTF_8_TWICE = re.compile(rb"\xc3[\x82\x83\x85\xa2][\xc2\xc5\xc6\xcb\xe2]")


def holds_utf8_twice(raw: bytes) -> bool:
    """Whether bytes of UTF-8 may hold a character that was written in it, then read as something else and once more."""
    return _BYTES_OF_UTF_8_TWICE.search(raw) is not None


def holds_utf8(raw: bytes) -> bool:
    """Whether a character of UTF-8 stands in bytes of another encoding."""
    return _UTF_8_SEQUENCE.search(raw) is not None


@dataclass(frozen=True)
class Mending:
    """How the texts of one file are mended."""

    read_as: str
    """The encoding that the parser was told."""
    tells_windows_1252: bool = True
    """Whether bytes of windows-1252 are worth a word: not in a file that is declared so."""

    def mend(self, record: etree._Element) -> Iterator[str]:
        """Mend the texts of a record in place, and say of which fields what was done."""
        for element in record.iter(etree.Element):
            text = element.text
            if text and not text.isascii():
                mended, said = self._mended(text)
                element.text = mended
                if said:
                    yield f"{element.tag} {said}\u00a0: il a été lu {quoted(' '.join(mended.split()))}, vérifiez-le."

    def _mended(self, text: str) -> tuple[str, str | None]:
        if self.read_as == UTF_8:
            return _written_once(text)
        try:
            raw = text.encode(self.read_as)
        except UnicodeEncodeError:
            # Written as an entity: the rest is of one encoding.
            return self._of_one_byte(text)
        parts, end = [], 0
        for found in _UTF_8_SEQUENCE.finditer(raw):
            parts += [self._of_one_byte(raw[end : found.start()].decode(self.read_as))[0], found[0].decode()]
            end = found.end()
        if not parts:
            return self._of_one_byte(text)
        rest, _ = self._of_one_byte(raw[end:].decode(self.read_as))
        return "".join((*parts, rest)), "est écrit en UTF-8 dans un fichier qui ne l'est pas"

    def _of_one_byte(self, text: str) -> tuple[str, str | None]:
        said = None
        if _CONTROLS.search(text):
            text = text.translate(_PRINTED)
            said = "contient des caractères de Windows-1252" if self.tells_windows_1252 else None
        if self.read_as == ONE_BYTE_FOR_ALL and _FRACTIONS.search(text):
            text = _FRACTIONS.sub(lambda found: found[0].translate(_LIGATURES), text)
            said = "contient des caractères d'ISO-8859-15"
        return text, said


def _written_once(text: str) -> tuple[str, str | None]:
    mended = _UTF_8_TWICE.sub(_one_character, text)
    return mended, None if mended == text else "est écrit deux fois en UTF-8"


def _one_character(found: re.Match[str]) -> str:
    raw = b"".join(_TAKEN_FOR[sign] for sign in found[0])
    return raw.decode() if _UTF_8_SEQUENCE.fullmatch(raw) else found[0]
