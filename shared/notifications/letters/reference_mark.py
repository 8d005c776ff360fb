"""Draws the reference of a letter above the address, where the window of the envelope shows it.

A Code 128, which every hand scanner reads, those of one line included; and the same nine signs to be typed. It is above
the address, as on the mail that the post carries for firms: the post asks for nothing below the town. A telephone that
photographs the square of the letter does not take this for it: they open nothing upon bars.
"""

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from shared.notifications.content.reference import in_groups
from shared.notifications.letters.address_window import MONO, named

BAR_MM = 0.25
"""The thinnest one: what printers of offices draw and the plainest scanners read."""
QUIET_MM = 2.5
"""White on either side, which scanners want: ten bars. On the left it is the margin of the window."""
HIGH_MM = 4.6
TEXT_POINTS = 9
BESIDE_MM = 2.5
SMALL_HIGH_MM, SMALL_TEXT_MM, SMALL_POINTS = 3.6, 6.3, 7


class _Bars(Code128):
    """Drawn as one shape: a rectangle for each bar takes longer than all the words of a coupon."""

    def draw(self) -> None:
        self._drawn: list[str] = []
        super().draw()
        self.canv.addLiteral(" ".join([*self._drawn, "f"]))

    def rect(self, x: float, y: float, w: float, h: float) -> None:
        """Keep one bar."""
        self._drawn.append(f"{x:.4f} {y:.4f} {w:.4f} {h:.4f} re")


def draw_reference(canvas: Canvas, reference: str, left: float, top: float) -> None:
    """Bars and signs from this corner, in points from the bottom left of the page."""
    bars = _bars(reference, BAR_MM * mm, HIGH_MM * mm)
    canvas.saveState()
    bars.drawOn(canvas, left, top - HIGH_MM * mm)
    canvas.setFont(named(MONO), TEXT_POINTS)
    beside = bars.width + (QUIET_MM + BESIDE_MM) * mm
    canvas.drawString(left + beside, top - (HIGH_MM - 1) * mm, in_groups(reference))
    canvas.restoreState()


def draw_small_reference(canvas: Canvas, reference: str, left: float, top: float, width: float) -> None:
    """The same in little room, on what no envelope hides: bars of this width, and the signs below them."""
    bars = _bars(reference, 1, SMALL_HIGH_MM * mm)
    canvas.saveState()
    canvas.translate(left, top)
    canvas.setFont(named(MONO), SMALL_POINTS)
    canvas.drawCentredString(width / 2, -SMALL_TEXT_MM * mm, in_groups(reference))
    canvas.scale(width / bars.width, 1)
    bars.drawOn(canvas, 0, -SMALL_HIGH_MM * mm)
    canvas.restoreState()


def _bars(reference: str, thinnest: float, high: float) -> _Bars:
    return _Bars(reference, barWidth=thinnest, barHeight=high, quiet=False, humanReadable=False)
