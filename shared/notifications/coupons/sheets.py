"""Coupons on pages: eight on each, of one division, which the foot of the page names. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.notifications.content.notice import Notice
from shared.notifications.coupons.content import NO_DIVISION, Coupon, coupon_of
from shared.notifications.letters.address_window import fit
from shared.notifications.letters.pages import Sender
from shared.notifications.mail.rendering import long_date

ON_A_PAGE = 8
FOOT_MM = 190
FOOT_POINTS = 9


@dataclass(frozen=True)
class Sheet:
    """One page, as the rendering process draws it."""

    coupons: Sequence[Coupon]
    foot: str
    position: int
    """Of the first coupon of the division in this lot: the pages of a division stay together."""


def sheets_of(notices: Sequence[Notice], sent_by: Sender) -> list[Sheet]:
    """The pages of a lot: each division on pages of its own, in the order of its first coupon."""
    divisions: dict[str, list[Coupon]] = {}
    for notice in notices:
        coupon = coupon_of(notice, sent_by)
        divisions.setdefault(coupon.division, []).append(coupon)
    return [sheet for coupons in divisions.values() for sheet in _sheets(coupons, sent_by)]


def _sheets(coupons: Sequence[Coupon], sent_by: Sender) -> list[Sheet]:
    pages = [coupons[first : first + ON_A_PAGE] for first in range(0, len(coupons), ON_A_PAGE)]
    division = coupons[0].division
    named = division if division == NO_DIVISION else f"Division {division}"
    return [
        Sheet(
            page,
            fit(f"{named} – {long_date(sent_by.day)} – page {number} sur {len(pages)}", FOOT_MM, FOOT_POINTS),
            coupons[0].position,
        )
        for number, page in enumerate(pages, start=1)
    ]
