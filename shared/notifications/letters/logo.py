"""The logo of an establishment, at the head of its letters: checked, written anew, kept in the database (R17, R20).

What staff send may be no picture at all, or one made to harm whoever opens it. It is opened as PNG or JPEG and nothing
else, whatever its name says; its size is read before its pixels are; and what is kept is a PNG that we wrote ourselves
from the pixels: no text, no profile, no place where a telephone was, no other file hidden behind.
"""

import base64
import io
import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from PIL import Image, ImageOps
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.journal import Action
from shared.models.letters import LetterLogo
from shared.rows.editing import save_or_add

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes."""
LONGEST_SIDE = 6_000
MOST_PIXELS = 12_000_000
BOX_MM = (60, 22)
"""Where the letter has room for it: to the right of the letterhead, above all that a window may show."""
PIXELS_PER_MM = 10
FEWEST_PIXELS_PER_MM = 4
"""A picture of few pixels stays small, rather than becoming a blur."""
PAPER = "white"
TOO_LARGE = (
    f"Cette image est trop grande : {MOST_PIXELS // 1_000_000} millions de pixels au plus. "
    "Réduisez-la, puis recommencez."
)


class LogoRefused(Exception):
    """The file cannot be a logo; the message says why, and is safe to show."""


@dataclass(frozen=True)
class Logo:
    """A picture as a `data:` address, and its size on paper in millimetres."""

    address: str
    width: float
    height: float


@dataclass(frozen=True)
class CurrentLogo:
    """The logo in use, if any, and its version."""

    logo: Logo | None
    version: int


def written_anew(content: bytes) -> bytes:
    """A PNG of the picture in `content`, as large as the letter needs it and no larger.

    Raises:
        LogoRefused: too heavy, no PNG and no JPEG, too many pixels, or one that cannot be read to its end.
    """
    if len(content) > LARGEST_FILE:
        raise LogoRefused("Ce fichier est trop lourd : 5 Mo au plus. Réduisez l'image, puis recommencez.")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if max(picture.size) > LONGEST_SIDE or picture.width * picture.height > MOST_PIXELS:
                raise LogoRefused(TOO_LARGE)
            pixels = _on_paper(ImageOps.exif_transpose(picture))
    except Image.DecompressionBombError:
        raise LogoRefused(TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error):
        raise LogoRefused(
            "Ce fichier n'est pas une image PNG ou JPEG, ou il est abîmé. Enregistrez le logo en PNG ou en JPEG."
        ) from None
    written = io.BytesIO()
    pixels.save(written, "PNG", optimize=True)
    return written.getvalue()


def _on_paper(picture: Image.Image) -> Image.Image:
    """The pixels alone, on white where they let see through, no more of them than can be printed."""
    width, height = BOX_MM
    colours = picture.convert("RGBA")
    colours.thumbnail((width * PIXELS_PER_MM, height * PIXELS_PER_MM), Image.Resampling.LANCZOS)
    sheet = Image.new("RGB", colours.size, PAPER)
    sheet.paste(colours, mask=colours.getchannel("A"))
    return sheet


def logo_of(picture: bytes) -> Logo:
    """A picture that was written anew, as the letter shows it: as large as its box and its pixels allow."""
    with Image.open(io.BytesIO(picture), formats=("PNG",)) as opened:
        width, height = opened.size
    per_mm = max(width / BOX_MM[0], height / BOX_MM[1], FEWEST_PIXELS_PER_MM)
    address = "data:image/png;base64," + base64.b64encode(picture).decode()
    return Logo(address, round(width / per_mm, 2), round(height / per_mm, 2))


def logos(session: Session, establishment_ids: Collection[int]) -> dict[int, Logo]:
    """The logo of each establishment that has one. One query."""
    has_one = LetterLogo.establishment_id.in_(establishment_ids), LetterLogo.picture.is_not(None)
    rows = session.execute(select(LetterLogo.establishment_id, LetterLogo.picture).where(*has_one))
    return {establishment_id: logo_of(picture) for establishment_id, picture in rows if picture is not None}


def current_logo(session: Session, establishment_id: int) -> CurrentLogo:
    """The logo that the letters of this establishment show today."""
    own = session.get(LetterLogo, establishment_id, populate_existing=True)
    return CurrentLogo(logo_of(own.picture) if own and own.picture else None, own.version if own else 0)


def set_logo(desk: Desk, content: bytes, *, version: int) -> None:
    """Show the picture in `content` at the head of every letter.

    Raises:
        LogoRefused: it is no picture that can be one (`written_anew`).
        ChangedMeanwhile: somebody else changed the logo since `version` was read.
    """
    _change(desk.session, desk.establishment_id, written_anew(content), version)
    desk.note(Action.LOGO_CHANGED)


def remove_logo(desk: Desk, *, version: int) -> None:
    """Go back to letters without a logo.

    Raises:
        ChangedMeanwhile: somebody else changed the logo since `version` was read.
    """
    _change(desk.session, desk.establishment_id, None, version)
    desk.note(Action.LOGO_REMOVED)


def _change(session: Session, establishment_id: int, picture: bytes | None, version: int) -> None:
    save_or_add(session, LetterLogo, {"establishment_id": establishment_id}, version, {"picture": picture})
