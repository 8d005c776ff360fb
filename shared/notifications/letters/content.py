"""What each letter shows of the family it is for, cut and sized to the room there is on the page. Pure functions."""

from dataclasses import dataclass

from shared.french import enumerated
from shared.notifications.content.notice import Child, Notice
from shared.notifications.content.texts import name_of
from shared.notifications.letters.address_window import MONO, address_block, fit, largest_type, one_line, width_mm
from shared.notifications.mail.rendering import long_date

CHILDREN_IN_ONE_COLUMN = 4
MOST_CHILDREN = 12
LINE_MM = 170
COLUMN_MM = 83
BULLET_MM = 9
KEY_MM = 126
KEY_POINTS = 17
BODY_POINTS = 10.5


@dataclass(frozen=True)
class Words:
    """What a text inserts by name, and that each family has its own of; empty for what a letter has not."""

    appel: str
    nom: str
    identifiant: str
    mot_de_passe: str
    enfants: str
    division: str


@dataclass(frozen=True)
class Letter:
    """A notice, with what depends on the room there is on the page."""

    name: str
    words: Words
    address: tuple[str, ...]
    address_points: float
    children: tuple[str, ...]
    columns: int
    more_children: int
    key_points: float
    deadline: str


def letter_of(notice: Notice) -> Letter:
    """What the letter shows, cut and sized to the room there is."""
    columns = 1 if len(notice.children) <= CHILDREN_IN_ONE_COLUMN else 2
    room = LINE_MM if columns == 1 else COLUMN_MM
    block = address_block(_addressee(notice), [line for line in map(one_line, notice.address) if line])
    words = _words(notice)
    return Letter(
        name=name_of(notice.kind, notice.text),
        words=words,
        address=block.lines,
        address_points=block.points,
        children=tuple(_child_line(child, room) for child in notice.children[:MOST_CHILDREN]),
        columns=columns,
        more_children=max(0, len(notice.children) - MOST_CHILDREN),
        key_points=min(largest_type(key, KEY_MM, KEY_POINTS, MONO) for key in (words.identifiant, words.mot_de_passe)),
        deadline=long_date(notice.deadline) if notice.deadline else "",
    )


def _words(notice: Notice) -> Words:
    children = [f"{child.name} ({child.division})" if child.division else child.name for child in notice.children]
    return Words(
        appel="Bonjour" if notice.for_student else notice.civility or "Madame, Monsieur",
        nom=one_line(notice.name),
        identifiant=notice.identifier,
        mot_de_passe=notice.initial_password or "",
        enfants=one_line(enumerated(children)),
        division=one_line((notice.children[0].division or "") if notice.for_student and notice.children else ""),
    )


def _addressee(notice: Notice) -> str:
    return one_line(notice.addressee)


def _child_line(child: Child, room_mm: float) -> str:
    division = f", classe de {one_line(child.division)}" if child.division else ""
    room = room_mm - BULLET_MM - width_mm(division, BODY_POINTS)
    return fit(one_line(child.name), room, BODY_POINTS) + division
