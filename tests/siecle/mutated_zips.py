"""Zips gone wrong in every way: what they hold, how it is called, packed and listed, and the bytes themselves."""

import io
import random
import warnings
import zipfile
from collections.abc import Callable, Sequence

from tests.siecle.mutated_xml import cut, flip_bytes, move_slice

LOCAL, LISTED, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
HEADER_BYTES = {LOCAL: 30, LISTED: 46, END: 22}
NAMES = (
    *(
        "e.xml",
        "e.XML",
        "ÉLÈVES.xml",
        "../e.xml",
        "/e.xml",
        "C:\\e.xml",
        "a/../../e.xml",
        "",
        ".",
        "a/",
        "x" * 300 + ".xml",
    ),
    *(
        "e\0.xml",
        "e\n.xml",
        "\u202elmx.e",
        "\N{GRINNING FACE}" * 60,
        "a//b.xml",
        "e.xml/",
        "CON",
        "__MACOSX/._e.xml",
        "e.zip",
    ),
)
PACKINGS = (zipfile.ZIP_STORED, *[zipfile.ZIP_DEFLATED] * 6, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
SWOLLEN_BYTES = 24 * 1024**2
"""A bomb small enough to be made often: a thousandth of it, packed."""

Members = list[tuple[str, bytes]]


def zipped(dice: random.Random, members: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of `members`, rarely as it should be."""
    chosen = dice.choice((list, list, *CONTENTS))(members) if dice.random() < 0.3 else _listed(dice, members)
    packed = _packed(dice, chosen)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 4))):
        packed = dice.choice(DAMAGES)(dice, packed)
    return packed


def _listed(dice: random.Random, members: Sequence[tuple[str, bytes]]) -> Members:
    """The members under other names, some of them twice."""
    chosen = [(dice.choice((name, name, dice.choice(NAMES))), content) for name, content in members]
    return chosen + dice.choices(chosen, k=dice.choice((0, 0, 0, 1, 2)))


def _in_another(members: Sequence[tuple[str, bytes]]) -> Members:
    return [("dedans.zip", _packed(random.Random(0), list(members)))]


def _swollen(members: Sequence[tuple[str, bytes]]) -> Members:
    return [(name, content + b" " * SWOLLEN_BYTES) for name, content in members[:1]]


def _many(members: Sequence[tuple[str, bytes]]) -> Members:
    return [(f"{number}.xml", content) for number in range(40) for _, content in members[:1]]


def _nothing(_members: Sequence[tuple[str, bytes]]) -> Members:
    return []


CONTENTS: tuple[Callable[[Sequence[tuple[str, bytes]]], Members], ...] = (_in_another, _swollen, _many, _nothing)


def _packed(dice: random.Random, members: Members) -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings():
        # Two members of one name are what is wanted.
        warnings.simplefilter("ignore", UserWarning)
        with zipfile.ZipFile(packed, "w", dice.choice(PACKINGS)) as archive:
            for name, content in members:
                archive.writestr(zipfile.ZipInfo(name) if dice.randrange(9) == 0 else name or "vide", content)
            archive.comment = b"x" * dice.choice((0, 0, 0, 7, 65_535))
    return packed.getvalue()


def damage_headers(dice: random.Random, packed: bytes) -> bytes:
    """A header says something else: sizes, sums, flags, packing, offsets, lengths."""
    signature = dice.choice((LOCAL, LISTED, END))
    places = [place for place in range(len(packed)) if packed.startswith(signature, place)]
    if not places:
        return packed
    place = dice.choice(places) + 4 + dice.randrange(HEADER_BYTES[signature] - 4)
    value = dice.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x01", bytes([dice.randrange(256)])))
    return packed[:place] + value + packed[place + len(value) :]


def put_beside(dice: random.Random, packed: bytes) -> bytes:
    """Something stands before the zip, or after it."""
    junk = dice.choice((b"PK", b"\0" * 1_000, b"<?xml version='1.0'?>", b"MZ" * 100, packed))
    return dice.choice((junk + packed, packed + junk))


DAMAGES = (damage_headers, damage_headers, damage_headers, put_beside, flip_bytes, move_slice, cut)
