"""What each coupon shows of the family it is for, cut and sized to the room there is. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.french import with_signs
from shared.models.letters import LetterPart
from shared.notifications.content.coupon_words import (
    BESIDE_CODE_MM,
    SMALL_POINTS,
    plain_words,
    wording_of,
)
from shared.notifications.content.notice import Notice
from shared.notifications.content.reference import reference_of
from shared.notifications.content.sender import places
from shared.notifications.content.texts import name_of
from shared.notifications.letters.address_window import (
    BOLD,
    MONO,
    REGULAR,
    fit,
    largest_type,
    one_line,
    width_mm,
    wrap,
)
from shared.notifications.letters.pages import Sender, login_of
from shared.notifications.mail.rendering import long_date

WIDTH_MM = 91
"""Of what is written from one side to the other."""
NAME_POINTS = (11.5, 9.5, 8)
"""Of the child: tried in turn, then on two lines; what is still too long is cut."""
DIVISION_POINTS = 11
ADDRESSEE_POINTS = (9, 8, 7)
DEADLINE_POINTS = 9
TITLE_POINTS = 9.5
KEY_POINTS = 13.5
ADDRESS_POINTS = (8.5, 7.5, 6.5, 5.5)
"""Tried in turn: an address is to be typed, and is cut only when it is longer than any that can be."""
STEP_LEADING_MM = 3.1
ADDRESS_LEADING_MM = 3.6
DIVISION_MM = 20
GAP_MM = 2
MOST_ADDRESS_LINES = 2
SENDERS_KEPT = 64
NO_DIVISION = "Sans division"


@dataclass(frozen=True)
class Coupon:
    """One coupon; each text fits its line."""

    division: str
    """As the foot of its page names it."""
    position: int
    school: str
    student: tuple[str, ...]
    student_points: float
    student_division: str
    division_points: float
    addressee: str
    addressee_points: float
    title: str
    keys: tuple[tuple[str, str, float], ...]
    """The identifier and the password that it shows, each with its label and the size in which it fits."""
    steps: tuple[str, ...]
    deadline: str
    addresses: tuple[str, ...]
    address_points: float
    code: str
    """The address that the square leads to."""
    reference: str
    """What whoever finds it knows it by."""

    @property
    def common(self) -> tuple[object, ...]:
        """What it shows that is not of this family alone."""
        labels = tuple(label for label, _, _ in self.keys)
        return self.school, self.title, labels, self.steps, self.addresses, self.address_points, self.deadline


def coupon_of(notice: Notice, sent_by: Sender) -> Coupon:
    """What the coupon shows, cut and sized to the room there is."""
    child = notice.carried_by
    addresses, address_points = _addresses(sent_by)
    deadline = f"À faire avant le {long_date(notice.deadline)}." if notice.deadline else ""
    division = one_line(child.division or "")
    student, student_points = _student(one_line(child.name))
    addressee, addressee_points = _in_one_line(_addressee(notice), WIDTH_MM, ADDRESSEE_POINTS, REGULAR)
    return Coupon(
        division=division or NO_DIVISION,
        position=notice.position,
        school=_school(sent_by.school.name),
        student=student,
        student_points=student_points,
        student_division=division,
        division_points=largest_type(division, DIVISION_MM, DIVISION_POINTS, BOLD),
        addressee=addressee,
        addressee_points=addressee_points,
        title=wording_of(notice.text).title,
        keys=tuple(
            (label, key, largest_type(key, BESIDE_CODE_MM, KEY_POINTS, MONO)) for label, key in _keys(notice) if key
        ),
        steps=_steps(_said(notice, sent_by)),
        deadline=deadline,
        addresses=addresses,
        address_points=address_points,
        code=login_of(sent_by, notice.identifier),
        reference=reference_of(notice.id),
    )


def _addressee(notice: Notice) -> str:
    return "Pour l'élève" if notice.for_student else f"Pour {one_line(notice.addressee)}"


def _said(notice: Notice, sent_by: Sender) -> str:
    """What to do, in the words of the school where it wrote some."""
    own = dict(sent_by.texts).get((name_of(notice.kind, notice.text), LetterPart.COUPON))
    return plain_words(own) if own else wording_of(notice.text).steps


def _keys(notice: Notice) -> list[tuple[str, str | None]]:
    return [("Votre identifiant", notice.identifier), ("Votre mot de passe provisoire", notice.initial_password)]


def _student(name: str) -> tuple[tuple[str, ...], float]:
    """Whoever gives it out has to read the whole name: it may take two lines."""
    room = WIDTH_MM - DIVISION_MM - GAP_MM
    line, points = _in_one_line(name, room, NAME_POINTS, BOLD)
    if line == name:
        return (line,), points
    first, *others = wrap(name, room, points, BOLD)
    return (first, fit(" ".join(others), room, points, BOLD)), points


def _in_one_line(text: str, room_mm: float, sizes: Sequence[float], font: Path) -> tuple[str, float]:
    """In the largest of these sizes in which it fits; cut when it fits in none."""
    for points in sizes:
        if width_mm(text, points, font) <= room_mm:
            return text, points
    return fit(text, room_mm, points, font), points


# What is the same on many coupons is measured once.


@lru_cache(maxsize=SENDERS_KEPT)
def _steps(said: str) -> tuple[str, ...]:
    return tuple(wrap(with_signs(said), BESIDE_CODE_MM, SMALL_POINTS))


@lru_cache(maxsize=SENDERS_KEPT)
def _school(name: str) -> str:
    return fit(one_line(name), WIDTH_MM, SMALL_POINTS)


@lru_cache(maxsize=SENDERS_KEPT)
def _addresses(sent_by: Sender) -> tuple[tuple[str, ...], float]:
    """The addresses that families are told, in the largest type in which all of them fit."""
    told = [address for _, address in places(sent_by.school, sent_by.portal)]
    for points in ADDRESS_POINTS:
        lines = [line for address in told for line in wrap(address, WIDTH_MM, points, BOLD)]
        if len(lines) <= MOST_ADDRESS_LINES:
            return tuple(lines), points
    return tuple(fit(address, WIDTH_MM, points, BOLD) for address in told), points
