"""Exports of SIECLE gone wrong in every way that bytes can: mutations of a whole file, drawn from dice."""

import random
import re
from collections.abc import Callable
from contextlib import suppress

TAG = re.compile(rb"<[^<>]{1,300}>")
LEAF = re.compile(rb"<(\w{1,40})((?:\s[^<>]{0,200})?)>([^<>]{0,200})</\1>")
ATTRIBUTE = re.compile(rb"(\w{1,40})=\"([^\"<>]{0,100})\"")
RECORD = re.compile(rb"<(ELEVE|PERSONNE|RESPONSABLE_ELEVE|ADRESSE|STRUCTURES_ELEVE)\b[^<>]*>.{1,5000}?</\1>", re.DOTALL)
DECLARATION = re.compile(rb"^<\?xml[^>]*\?>")

ENCODINGS = (
    *("UTF-8", "UTF-16", "UTF-16-LE", "UTF-32", "UTF-7", "ISO-8859-1", "ISO-8859-15", "windows-1252", "CP037"),
    *("ASCII", "KOI8-R", "Shift_JIS", "ISO-2022-JP", "x-inconnu", "", "é", "utf8\\0"),
)
TEXTS = (
    *(
        b"",
        b" ",
        b"\xa0",
        b"\x00",
        b"\x01",
        b"\x85",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x80\xae",
    ),
    *(b"&", b"&amp;", b"&foo;", b"&#0;", b"&#xD800;", b"&#x110000;", b"&#9;&#10;&#13;", b"]]>", b"<![CDATA[<x>]]>"),
    *(b"-1", b"0", b"1", b"2", b"2147483648", b"-9223372036854775809", b"9" * 400, b"1e309", b"NaN", b"\xd9\xa3"),
    *(b"29/02/2027", b"31/12/9999", b"00/00/0000", b"01/01/0001", b"2027-01-01", b"99/99/99999", b"06/10/2026 25:61"),
    *(b"x" * 300, "é".encode() * 300, "\N{GRINNING FACE}".encode() * 40, b"'\"<!--", b"=1+1", b"{{ nom }}", b"%s%n"),
    *(b"a@b.fr\r\nBcc: x@y.fr", b"a@b.fr;c@d.fr" * 30, b"0000000000A", b"true", b"D", b"9740001A", b"9740002B"),
)
NAMES = (
    *(b"ELEVE", b"ELEVES", b"PERSONNE", b"PERSONNES", b"RESPONSABLES", b"DONNEES", b"PARAMETRES", b"UAJ", b"STRUCTURE"),
    *(
        b"BEE_ELEVES",
        b"BEE_RESPONSABLES",
        b"BEE_STRUCTURES",
        b"BEE_COMMUN",
        b"BEE_NOMENCLATURES",
        b"eleves",
        b"x:y",
        b"a.b",
    ),
    *(
        b"ELEVE_ID",
        b"PERSONNE_ID",
        b"ADRESSE_ID",
        b"ID_NATIONAL",
        b"DATE_NAISS",
        b"CODE_STRUCTURE",
        b"\xc9LEVE",
        b"1a",
        b"xml",
    ),
)
JUNK = (
    b"<j><k/></j>",
    b"<!--x-->",
    b"<?a b?>",
    b"<![CDATA[>]]>",
    b"&#62;",
    b"<j a='>'/>",
    b"<DONNEES/>",
    b"x>",
    b"<ELEVE/>",
)

Mutation = Callable[[random.Random, bytes], bytes]


def flip_bytes(dice: random.Random, text: bytes) -> bytes:
    """A few bytes are others."""
    changed = bytearray(text)
    for _ in range(1 + dice.randrange(8)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def move_slice(dice: random.Random, text: bytes) -> bytes:
    """A slice is lost, doubled, or stands elsewhere."""
    start, end = _slice(dice, text)
    part, rest = text[start:end], text[:start] + text[end:]
    place = dice.randrange(len(rest) + 1)
    return dice.choice((rest, text[:start] + part * 2 + text[end:], rest[:place] + part + rest[place:]))


def cut(dice: random.Random, text: bytes) -> bytes:
    """The file stops, or begins, too early."""
    place = dice.randrange(len(text) + 1)
    return text[:place] if dice.randrange(4) else text[place:]


def change_text(dice: random.Random, text: bytes) -> bytes:
    """Fields say something else."""
    for _ in range(1 + dice.randrange(4)):
        text = _replace_one(
            dice, LEAF, text, lambda found: b"<%s%s>%s</%s>" % (*found.groups()[:2], _text(dice), found[1])
        )
    return text


def change_attribute(dice: random.Random, text: bytes) -> bytes:
    """An attribute says something else, is missing or stands twice."""
    return _replace_one(
        dice,
        ATTRIBUTE,
        text,
        lambda found: dice.choice((b'%s="%s"' % (found[1], _text(dice)), b"", found[0] + b" " + found[0], found[1])),
    )


def change_tag(dice: random.Random, text: bytes) -> bytes:
    """A tag is missing, stands twice or has another name."""
    return _replace_one(
        dice,
        TAG,
        text,
        lambda found: dice.choice((b"", found[0] * 2, b"<%s>" % dice.choice(NAMES), b"</%s>" % dice.choice(NAMES))),
    )


def rename(dice: random.Random, text: bytes) -> bytes:
    """One name is another one everywhere."""
    names = sorted(set(re.findall(rb"<(\w{1,40})", text)))
    if not names:
        return text
    old, new = dice.choice(names), dice.choice((*NAMES, dice.choice(names), dice.choice(names).lower()))
    return re.sub(rb"(</?)%s\b" % old, lambda found: found[1] + new, text)


def repeat_record(dice: random.Random, text: bytes) -> bytes:
    """A record stands many times, with the same number or others."""
    times, renumber = dice.choice((2, 5, 60)), dice.random() < 0.5

    def repeated(found: re.Match[bytes]) -> bytes:
        copies = (re.sub(rb'ID="\d+"', b'ID="%d"' % (700_000 + one), found[0]) for one in range(times))
        return b"".join(copies) if renumber else found[0] * times

    return _replace_one(dice, RECORD, text, repeated)


def nest(dice: random.Random, text: bytes) -> bytes:
    """Elements stand in one another, closed or not."""
    depth, name = dice.choice((1, 10, 70, 3_000)), dice.choice(NAMES)
    start, end = _slice(dice, text)
    closing = b"</%s>" % name * depth if dice.random() < 0.7 else b""
    return text[:start] + b"<%s>" % name * depth + text[start:end] + closing + text[end:]


def put_junk(dice: random.Random, text: bytes) -> bytes:
    """Something that SIECLE never writes stands between two tags: beside DONNEES, in a block, in a record, outside."""
    tags = list(TAG.finditer(text))
    place = dice.choice(tags).end() if tags else 0
    return text[:place] + dice.choice(JUNK) * dice.choice((1, 3, 500, 30_000)) + text[place:]


def declare_type(dice: random.Random, text: bytes) -> bytes:
    """A definition of type, with entities that grow or read files."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (one, b"&l%d;" % (one - 1) * 10) for one in range(1, 9))
    kinds = (
        b"<!DOCTYPE x>",
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE x [<!ENTITY l0 "ha">%s]>' % laughs,
    )
    text = DECLARATION.sub(lambda found: found[0] + dice.choice(kinds), text)
    return _replace_one(dice, LEAF, text, lambda found: b"<%s>&l8;</%s>" % (found[1], found[1]))


def change_encoding(dice: random.Random, text: bytes) -> bytes:
    """It says another encoding, or is in another one, in whole or from somewhere on."""
    said, used = (dice.choice(ENCODINGS) for _ in range(2))
    if dice.random() < 0.7:
        text = DECLARATION.sub(b'<?xml version="1.0" encoding="%s"?>' % said.encode(), text)
    start = dice.choice((0, dice.randrange(len(text) + 1)))
    with suppress(LookupError):
        text = text[:start] + text[start:].decode("iso-8859-15").encode(used, "replace")
    return dice.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) + text


def change_beginning(dice: random.Random, text: bytes) -> bytes:
    """What says of what school and day it is, says otherwise."""
    name = dice.choice((b"UAJ", b"ANNEE_SCOLAIRE", b"DATE_EXPORT", b"HORODATAGE"))
    values = (*TEXTS, b"2025", b"2027", b"06/10/2026", b"06/10/2026 07:11:46")
    return re.sub(rb"<%s>[^<]*" % name, lambda _found: b"<%s>%s" % (name, dice.choice(values)), text)


MUTATIONS: tuple[Mutation, ...] = (
    *(flip_bytes, move_slice, cut, change_text, change_text, change_attribute, change_tag, rename, repeat_record),
    *(nest, put_junk, declare_type, change_encoding, change_beginning),
)


def mutated(dice: random.Random, text: bytes) -> bytes:
    """`text` after some mutations; now and then after none."""
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 6))):
        text = dice.choice(MUTATIONS)(dice, text)
    return text


def _slice(dice: random.Random, text: bytes) -> tuple[int, int]:
    start = dice.randrange(len(text) + 1)
    return start, min(len(text), start + dice.choice((1, 10, 200, 3_000)))


def _text(dice: random.Random) -> bytes:
    return dice.choice(TEXTS) if dice.randrange(4) else bytes(dice.randrange(256) for _ in range(dice.randrange(30)))


def _replace_one(
    dice: random.Random, pattern: re.Pattern[bytes], text: bytes, write: Callable[[re.Match[bytes]], bytes]
) -> bytes:
    found = list(pattern.finditer(text))
    if not found:
        return text
    one = dice.choice(found)
    return text[: one.start()] + write(one) + text[one.end() :]
