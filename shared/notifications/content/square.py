"""The square that a telephone photographs instead of typing an address (a QR code)."""

import io
from collections.abc import Sequence
from functools import lru_cache

import segno
from PIL import Image

KINDS_KEPT = 256
BORDER = 2
DOTS = 4
"""To each little square, of a picture."""
_INKED = bytes((255, 0)).ljust(256)


def square(address: str) -> Sequence[bytes]:
    """Its rows, from the top: a byte for each little square, 1 when it is dark. The white border is the caller's."""
    return [bytes(row) for row in _made(address).matrix]


def picture(address: str) -> Image.Image:
    """The square in grey, with a white border."""
    rows = square(address)
    side = len(rows) + 2 * BORDER
    light = bytes(side)
    drawn = [light] * BORDER + [bytes(BORDER) + row + bytes(BORDER) for row in rows] + [light] * BORDER
    small = Image.frombytes("L", (side, side), b"".join(drawn).translate(_INKED))
    return small.resize((side * DOTS, side * DOTS), Image.Resampling.NEAREST)


def as_png(address: str) -> bytes:
    """The same picture, as a file."""
    written = io.BytesIO()
    picture(address).save(written, "PNG")
    return written.getvalue()


def _made(address: str) -> segno.QRCode:
    start = address.partition("#")[0]
    version, mask = _kind(start, len(address.encode()) - len(start.encode()))
    return segno.make(address, error="m", micro=False, version=version, mask=mask)


@lru_cache(maxsize=KINDS_KEPT)
def _kind(start: str, more: int) -> tuple[int, int]:
    """The size and the mask that suit the addresses that begin alike: looking for them takes five times the drawing.

    Every mask can be read; the best one for one address is good for its neighbours.
    """
    found = segno.make(start + "#" * more, error="m", micro=False)
    return int(found.version), found.mask
