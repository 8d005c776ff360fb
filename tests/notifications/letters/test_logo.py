"""What staff may put at the head of letters: a picture, its pixels, and nothing else."""

import io
import random
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import text

from shared.clock import now
from shared.journal import COMMAND
from shared.models.letters import LARGEST_LOGO
from shared.notifications.letters.download import assemble_pdf
from shared.notifications.letters.logo import BOX_MM, LARGEST_FILE, LogoRefused, logo_of, set_logo, written_anew
from shared.notifications.letters.worker import Printer
from tests.factories import at_desk
from tests.notifications.conftest import School
from tests.notifications.letters.drawings import drawings
from tests.notifications.letters.pictures import drawn_logo, saved

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SECRET = b"http://exemple.fr/secret"


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG of a few bytes whose head announces as many pixels as one likes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_a_picture_is_kept_as_a_png_of_its_pixels(form: str) -> None:
    kept = opened(written_anew(drawn_logo(form=form)))
    assert (kept.format, kept.mode, kept.size) == ("PNG", "RGB", (300, 110))
    left, right = (kept.crop((x, 55, x + 1, 56)).tobytes() for x in (75, 225))
    assert left[2] > 100 > left[0]
    assert right[0] > 150 > right[2]


def test_nothing_but_pixels_is_kept() -> None:
    told = PngInfo()
    told.add_text("Author", SECRET.decode())
    told.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    files = (
        drawn_logo(pnginfo=told, icc_profile=SECRET) + SECRET,
        drawn_logo(form="JPEG", exif=exif, comment=SECRET, icc_profile=SECRET) + b"PK\x03\x04" + SECRET,
    )
    for file in files:
        assert SECRET in file
        kept = written_anew(file)
        assert SECRET not in kept
        assert opened(kept).info == {}
        assert [kept[at : at + 4] for at in (12, len(kept) - 8)] == [b"IHDR", b"IEND"]


def test_a_photograph_taken_sideways_stands_upright_and_what_lets_see_through_becomes_paper() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert opened(written_anew(drawn_logo(110, 300, "JPEG", exif=exif))).size == (300, 110)
    glass = opened(written_anew(saved(Image.new("RGBA", (10, 10), (255, 0, 0, 0)))))
    assert glass.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "CMYK"])
def test_pictures_of_every_kind_of_colour_are_taken(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(written_anew(saved(Image.new(mode, (30, 20)), form))).size == (30, 20)


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        b"",
        b"%PDF-1.4",
        b"\x89PNG\r\n\x1a\n" + SVG,
        b"\xff\xd8\xff\xe0" + SVG,
        drawn_logo(form="GIF"),
        drawn_logo(form="BMP"),
        drawn_logo(form="TIFF"),
        drawn_logo(form="WEBP"),
        drawn_logo()[:-40],
        drawn_logo(form="JPEG")[:-400],
        png_that_claims(3000, 3000),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"short"),
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_whole_png_or_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(LogoRefused, match="PNG ou JPEG"):
        written_anew(content)


@pytest.mark.parametrize("size", [(60_000, 60_000), (7_000, 10), (4_000, 4_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_opened(size: tuple[int, int]) -> None:
    with pytest.raises(LogoRefused, match="trop grande"):
        written_anew(png_that_claims(*size))


def test_a_text_that_would_fill_the_memory_is_refused() -> None:
    bomb = zlib.compress(b"x" * 200_000_000)
    picture = drawn_logo()
    with_bomb = picture[:33] + chunk(b"zTXt", b"Comment\0\0" + bomb) + picture[33:]
    with pytest.raises(LogoRefused, match="PNG ou JPEG"):
        written_anew(with_bomb)


def test_a_file_that_is_too_heavy_is_refused() -> None:
    with pytest.raises(LogoRefused, match="trop lourd"):
        written_anew(drawn_logo() + b"x" * LARGEST_FILE)


def test_the_worst_picture_fits_the_table_and_its_box() -> None:
    noise = Image.frombytes("RGB", (1200, 440), random.Random(4).randbytes(1200 * 440 * 3))
    kept = written_anew(saved(noise))
    assert len(kept) <= LARGEST_LOGO
    for width, height in ((1200, 440), (3000, 20), (20, 3000), (1, 1), (40, 40)):
        logo = logo_of(written_anew(drawn_logo(width, height)))
        assert 0 < logo.width <= BOX_MM[0]
        assert 0 < logo.height <= BOX_MM[1]
    assert logo_of(written_anew(drawn_logo(40, 40))).width == 10


def test_the_letters_of_a_campaign_show_the_logo_of_their_school(school: School, printer: Printer) -> None:
    set_logo(at_desk(school.session, school.establishment.id, now=now(), actor=COMMAND), drawn_logo(), version=0)
    for number in range(3):
        school.family("PAYET", identifier=f"p{number}")
    campaign = school.launch()
    assert printer.print_due() == 3
    with school.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM letter_lot")) == 2
    pdf = assemble_pdf(school.database, campaign.id, school.sealer)
    slip, *letters = drawings(pdf)
    assert [len(page.pictures) for page in (slip, *letters)] == [0, 2, 2, 2]
