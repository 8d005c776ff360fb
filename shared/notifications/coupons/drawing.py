"""Draws pages of coupons, in the rendering process: straight onto the page, since nothing in them flows."""

import hashlib
import io
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared.notifications.content.coupon_words import SMALL_POINTS
from shared.notifications.content.square import square
from shared.notifications.coupons.content import (
    ADDRESS_LEADING_MM,
    DEADLINE_POINTS,
    STEP_LEADING_MM,
    TITLE_POINTS,
    WIDTH_MM,
    Coupon,
)
from shared.notifications.coupons.sheets import FOOT_POINTS, Sheet
from shared.notifications.letters.address_window import BOLD, MONO, REGULAR, drawn_in, named
from shared.notifications.letters.reference_mark import draw_small_reference

_DARK = re.compile(rb"\x01+")
# Streams as they are compressed, as those of letters.
rl_config.useA85 = 0

INK, QUIET, CUT = HexColor("#111111"), HexColor("#333333"), HexColor("#888888")
WIDE, HIGH, TOP = 105 * mm, 69 * mm, 8 * mm
"""One coupon, and where the first row begins: printers keep the edges of a page white."""
ROWS, COLUMNS = 4, 2
LEFT = 8 * mm
CODE_MM, CODE_TOP_MM = 25, 19
REFERENCE_MM = 47
FOOT_MM = 7
CODES_KEPT = 8
"""Families that are told of the ENT alone share one."""
# Below the top of the coupon, in millimetres: the baselines.
SCHOOL_MM, STUDENT_MM, ADDRESSEE_MM, TITLE_MM = 4.8, 11.8, 16.4, 22.5
STUDENT_LEADING_MM = 3.3
KEY_MM, AFTER_KEY_MM, AFTER_TITLE_MM = 5.6, 4.4, 4.4
DEADLINE_MM = 65.5
ADDRESSES_END_MM = 61.2


def draw(sheets: Sequence[Sheet]) -> bytes:
    """One PDF of all pages, in their order."""
    pdf = io.BytesIO()
    canvas = Canvas(pdf, pagesize=A4, pageCompression=1, lang="fr-FR")
    canvas.setTitle("Coupons de notification")
    for sheet in sheets:
        _draw_sheet(canvas, sheet)
        canvas.showPage()
    canvas.save()
    return pdf.getvalue()


def _draw_sheet(canvas: Canvas, sheet: Sheet) -> None:
    _draw_cuts(canvas)
    for place, coupon in enumerate(sheet.coupons):
        row, column = divmod(place, COLUMNS)
        canvas.saveState()
        canvas.translate(column * WIDE, A4[1] - TOP - row * HIGH)
        _draw_coupon(canvas, coupon)
        canvas.restoreState()
    _write(canvas, LEFT, FOOT_MM * mm, sheet.foot, REGULAR, FOOT_POINTS)


def _draw_cuts(canvas: Canvas) -> None:
    width, height = A4
    canvas.setStrokeColor(CUT)
    canvas.setLineWidth(0.5)
    canvas.setDash(3, 3)
    across = [(0, height - TOP - row * HIGH, width, height - TOP - row * HIGH) for row in range(ROWS + 1)]
    canvas.lines([*across, (WIDE, height - TOP, WIDE, height - TOP - ROWS * HIGH)])
    canvas.setDash()


def _draw_coupon(canvas: Canvas, coupon: Coupon) -> None:
    """What it says, from the top left corner down."""
    canvas.setFillColor(INK)
    _draw_what_is_alike(canvas, coupon)
    for number, line in enumerate(reversed(coupon.student)):
        _write(canvas, LEFT, (number * STUDENT_LEADING_MM - STUDENT_MM) * mm, line, BOLD, coupon.student_points)
    canvas.setFont(named(drawn_in(coupon.student_division, BOLD)), coupon.division_points)
    canvas.drawRightString(LEFT + WIDTH_MM * mm, -STUDENT_MM * mm, coupon.student_division)
    _write(canvas, LEFT, -ADDRESSEE_MM * mm, coupon.addressee, REGULAR, coupon.addressee_points)
    for number, (_, key, points) in enumerate(coupon.keys):
        _write(canvas, LEFT, -(_down_to_key(number) + KEY_MM) * mm, key, MONO, points)
    _draw_code(canvas, coupon.code)
    code_left = LEFT + (WIDTH_MM - CODE_MM) * mm
    draw_small_reference(canvas, coupon.reference, code_left, -REFERENCE_MM * mm, CODE_MM * mm)


def _draw_what_is_alike(canvas: Canvas, coupon: Coupon) -> None:
    """What the coupons of a division have in common is written once in the document, and shown on each."""
    name = "coupon" + hashlib.sha256(repr(coupon.common).encode()).hexdigest()
    if not canvas.hasForm(name):
        canvas.beginForm(name, 0, -HIGH, WIDE, 0)
        _write_what_is_alike(canvas, coupon)
        canvas.endForm()
    canvas.doForm(name)


def _write_what_is_alike(canvas: Canvas, coupon: Coupon) -> None:
    canvas.setFillColor(QUIET)
    _write(canvas, LEFT, -SCHOOL_MM * mm, coupon.school, REGULAR, SMALL_POINTS)
    canvas.setFillColor(INK)
    _write(canvas, LEFT, -TITLE_MM * mm, coupon.title, BOLD, TITLE_POINTS)
    for number, (label, _, _) in enumerate(coupon.keys):
        _write(canvas, LEFT, -_down_to_key(number) * mm, label, REGULAR, SMALL_POINTS)
    for number, line in enumerate(coupon.steps):
        down = _down_to_key(len(coupon.keys)) + number * STEP_LEADING_MM
        _write(canvas, LEFT, -down * mm, line, REGULAR, SMALL_POINTS)
    first = ADDRESSES_END_MM - (len(coupon.addresses) - 1) * ADDRESS_LEADING_MM
    for number, line in enumerate(coupon.addresses):
        down = first + number * ADDRESS_LEADING_MM
        _write(canvas, LEFT, -down * mm, line, BOLD, coupon.address_points)
    _write(canvas, LEFT, -DEADLINE_MM * mm, coupon.deadline, BOLD, DEADLINE_POINTS)


def _down_to_key(number: int) -> float:
    """The baseline of the label of one of the keys, or of what follows the last."""
    return TITLE_MM + AFTER_TITLE_MM + number * (KEY_MM + AFTER_KEY_MM)


def _draw_code(canvas: Canvas, address: str) -> None:
    size, dark = _squares(address)
    canvas.saveState()
    canvas.translate(LEFT + (WIDTH_MM - CODE_MM) * mm, -(CODE_TOP_MM + CODE_MM) * mm)
    canvas.scale(CODE_MM * mm / size, CODE_MM * mm / size)
    canvas.addLiteral(dark)
    canvas.restoreState()


@lru_cache(maxsize=CODES_KEPT)
def _squares(address: str) -> tuple[int, str]:
    """How many squares a side, and the drawing of the dark ones: each run of a row is one rectangle."""
    rows = square(address)
    drawn = [
        f"{run.start()} {up} {run.end() - run.start()} 1 re"
        for up, row in enumerate(reversed(rows))
        for run in _DARK.finditer(row)
    ]
    return len(rows), " ".join([*drawn, "f"])


def _write(canvas: Canvas, left: float, up: float, text: str, font: Path, points: float) -> None:
    if text:
        canvas.setFont(named(drawn_in(text, font)), points)
        canvas.drawString(left, up, text)
