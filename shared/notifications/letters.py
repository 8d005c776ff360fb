"""The words of the letters, laid out for a window envelope, one page each (R9, R17, R20)."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.config import Settings
from shared.models.accounts import AccountKind
from shared.notifications.envelope import (
    BOLD,
    FONTS,
    MONO,
    AddressBlock,
    address_block,
    fit,
    largest_type,
    width_mm,
    wrap,
)
from shared.notifications.mail_texts import NO_BREAK, long_date
from shared.notifications.notices import Child, Notice
from shared.notifications.press import LETTERS
from shared.notifications.schools import School

CHILDREN_IN_ONE_COLUMN = 4
MOST_CHILDREN = 12
LINE_MM = 170
COLUMN_MM = 83
BULLET_MM = 9
KEY_MM = 126
KEY_POINTS = 17
BODY_POINTS = 10.5
LETTERHEAD_MM = 78
LETTERHEAD_POINTS = 9
SCHOOL_POINTS = 12.5
SCHOOL_LINES = 3


@dataclass(frozen=True)
class Letter:
    """A notice, with what depends on the room there is on the page."""

    notice: Notice
    address: AddressBlock
    children: tuple[str, ...]
    columns: int
    more_children: int
    key_points: float

    @property
    def for_student(self) -> bool:
        """Whether it is written to a student, about the own account."""
        return self.notice.kind is AccountKind.STUDENT


def letters_html(notices: Sequence[Notice], schools: Mapping[int, School], settings: Settings, day: date) -> str:
    """One document with a page for each of `notices`, in the same order. `day` is the date they bear."""
    login = f"{settings.public_portal_url}/connexion"
    return (
        _environment()
        .get_template("letters.html")
        .render(
            letters=[_laid_out(notice) for notice in notices],
            schools=schools,
            letterheads={key: letterhead(school) for key, school in schools.items()},
            portal=settings.public_portal_url,
            qr_code=qr_code(login),
            day=day,
            fonts=FONTS,
        )
    )


def _laid_out(notice: Notice) -> Letter:
    columns = 1 if len(notice.children) <= CHILDREN_IN_ONE_COLUMN else 2
    room = LINE_MM if columns == 1 else COLUMN_MM
    keys = [notice.identifier, notice.initial_password or ""]
    return Letter(
        notice=notice,
        address=address_block(_addressee(notice), notice.address),
        children=tuple(_child_line(child, room) for child in notice.children[:MOST_CHILDREN]),
        columns=columns,
        more_children=max(0, len(notice.children) - MOST_CHILDREN),
        key_points=min(largest_type(key, KEY_MM, KEY_POINTS, MONO) for key in keys),
    )


def _addressee(notice: Notice) -> str:
    return f"{notice.civility} {notice.name}" if notice.civility else notice.name


def _child_line(child: Child, room_mm: float) -> str:
    division = f", classe de {child.division}" if child.division else ""
    room = room_mm - BULLET_MM - width_mm(division, BODY_POINTS)
    return fit(child.name, room, BODY_POINTS) + division


@dataclass(frozen=True)
class Letterhead:
    """The name and the address of the school, in lines that fit the top of the letter."""

    name: tuple[str, ...]
    lines: tuple[str, ...]


def letterhead(school: School) -> Letterhead:
    """What the letters of `school` begin with; what has no room is cut."""
    name = wrap(school.name, LETTERHEAD_MM, SCHOOL_POINTS, BOLD)
    if len(name) > SCHOOL_LINES:
        name = [*name[: SCHOOL_LINES - 1], fit(" ".join(name[SCHOOL_LINES - 1 :]), LETTERHEAD_MM, SCHOOL_POINTS, BOLD)]
    lines = (*school.address, f"Tél.{NO_BREAK}: {school.phone}" if school.phone else None, school.email)
    return Letterhead(tuple(name), tuple(fit(line, LETTERHEAD_MM, LETTERHEAD_POINTS) for line in lines if line))


@cache
def qr_code(address: str) -> str:
    """A picture of `address`, as a `data:` address. It is the same on every letter: it carries no secret."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="png", scale=8, border=2)
    return "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()


def slip_html(**values: Any) -> str:  # noqa: ANN401 - what the template shows
    """The slip that comes before the letters and says what the PDF holds (R17)."""
    return _environment().get_template("slip.html").render(fonts=FONTS, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(LETTERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["long_date"] = long_date
    return environment
