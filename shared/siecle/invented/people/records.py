"""What an invented household is made of, before it is written in one dialect or the other."""

import enum
from dataclasses import dataclass
from datetime import date

from shared.siecle.invented.people.places import Address

SCHOOL_YEAR = 2026
TERM_START = date(SCHOOL_YEAR, 8, 18)


class Role(enum.Enum):
    """What a person is to a student."""

    LEGAL_1 = enum.auto()
    LEGAL_2 = enum.auto()
    IN_CHARGE = enum.auto()
    CONTACT = enum.auto()


class Kinship(enum.StrEnum):
    """CODE_PARENTE."""

    MOTHER = "10"
    FATHER = "20"
    SIBLING = "37"
    GRANDPARENT = "38"
    RELATIVE = "39"
    CHILD_WELFARE = "51"


class Trap(enum.StrEnum):
    """Why a person may be taken for another one without being it."""

    NONE = ""
    NAMESAKE = "homonyme"
    SPOUSE = "conjoints de prénoms voisins"
    SAME_NAME_FATHER = "père et fils de même nom"
    TWIN = "jumelles"


@dataclass(frozen=True, slots=True)
class Link:
    """RESPONSABLE_ELEVE: the tie to one child of the household, given by its place there."""

    child: int
    kinship: Kinship
    role: Role
    hosts: bool


@dataclass(frozen=True, slots=True)
class Fiche:
    """PERSONNE: one record of a person; `person` is the same in every record of the same person, in every school."""

    person: str
    civility: str
    family_name: str
    usage_name: str | None
    first_name: str
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None
    email: str | None
    accepts_sms: bool
    profession: str | None
    address: Address | None
    links: tuple[Link, ...]
    trap: Trap = Trap.NONE
    variation: str = ""
    """How this record differs from the first one of the same person; empty for the first one."""


@dataclass(frozen=True, slots=True)
class Child:
    """ELEVE: one student in one school."""

    ine: str | None
    family_name: str
    usage_name: str | None
    first_names: tuple[str, ...]
    birth_date: date
    sex: str
    level: int
    """6, 5, 4 or 3, as in « 6e »."""
    seat: float
    """From 0 to 1: picks the division among those of the level."""
    repeats: bool
    scholarship: str | None
    email: str | None
    mobile_phone: str | None
    address: Address
    groups: tuple[str, ...] = ()
    entered_on: date = TERM_START
    left_on: date | None = None
    came_from: str | None = None
    """UAI of the school left during this school year."""


@dataclass(frozen=True, slots=True)
class Household:
    """The children of one family in one school, and the records of everybody who looks after them."""

    children: tuple[Child, ...]
    fiches: tuple[Fiche, ...]
