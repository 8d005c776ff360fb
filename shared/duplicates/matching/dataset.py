"""Reads the fiches of an establishment into columns, names folded, ready to be compared by thousands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.duplicates.matching.arrays import Column, Numbers, Texts, column_of, columns_of, each, numbered, texts
from shared.duplicates.matching.places import Place, place_in, town_in
from shared.duplicates.matching.siblings import LINES, Families, StudentRows, families_in, read_students, rows_of
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.names import LOST_CHARACTER, fold, without_comment
from shared.persons.phones import phone_key
from shared.persons.remarks import is_placeholder

MEN = ("M.", "M", "MR")
"""Civilities, in capitals."""
_SEXES = {**dict.fromkeys(MEN, 1), "MME": 2, "MLLE": 2}
_COLUMNS = {"number": "id"}
"""Fields of `Entered` whose column has another name."""


class Entered(NamedTuple):
    """A fiche as the school base holds it; every field but the number is a text or None."""

    number: Any
    civility: Any
    family_name: Any
    usage_name: Any
    first_name: Any
    email: Any
    mobile_phone: Any
    home_phone: Any
    work_phone: Any
    postal_code: Any
    city: Any
    address_line1: Any
    address_line2: Any
    address_line3: Any
    address_line4: Any
    po_box: Any


@dataclass(frozen=True)
class Links:
    """The ties between fiches and students, one position for each; fiches are given by their position."""

    fiche: Numbers
    student: Numbers
    rank: Numbers
    """1 or 2; 0 for a contact."""
    name: Texts
    """The last name of the student, folded."""
    kinship: Numbers
    """The same number for the same kinship; 0 when it is not known."""


class Written(NamedTuple):
    """The names of a fiche as they are written, for words about them."""

    civility: str | None
    family: str
    usage: str | None
    first: str


@dataclass(frozen=True)
class Fiches:
    """The fiches of one establishment, one position for each in every column; "" and 0 stand for what is missing."""

    ids: Numbers
    written: list[Written]
    sex: Numbers
    """1 for a man, 2 for a woman, as the civility says."""
    family: Texts
    """Folded, words separated by a blank; so are `usage` and `first`."""
    usage: Texts
    first: Texts
    email: Texts
    mobile: Texts
    """The last nine digits, however it was written; so are `home` and `work`."""
    home: Texts
    work: Texts
    place: Texts
    """Every line of the address, folded, abbreviations written out."""
    number: Texts
    """The number in the street."""
    way: Texts
    """The words that name the street."""
    postal: Texts
    city: Texts
    links: Links
    brothers: Numbers
    """For each position of `links`: the same number for students of one family, by name and address or by INE."""
    neighbours: Numbers
    """For each position of `links`: the same number for students at one address; 0 when they have none."""

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def emails(self) -> Column:
        """The addresses of e-mail, numbered."""
        return column_of(self.email)

    @cached_property
    def telephones(self) -> Numbers:
        """The numbers of the telephones: the mobile one of each fiche, then the home one of each, then that of work."""
        return numbered([*self.mobile, *self.home, *self.work])

    @cached_property
    def places(self) -> Column:
        """The addresses as a whole, numbered; their parts are `street_numbers`, `ways`, `towns` and `cities`."""
        return column_of(self.place)

    @cached_property
    def street_numbers(self) -> Column:
        """The numbers in the street, numbered."""
        return column_of(self.number)

    @cached_property
    def ways(self) -> Column:
        """The names of the streets, numbered."""
        return column_of(self.way)

    @cached_property
    def towns(self) -> Column:
        """The postal codes, numbered."""
        return column_of(self.postal)

    @cached_property
    def cities(self) -> Column:
        """The names of the towns, numbered."""
        return column_of(self.city)


class SchoolRows(NamedTuple):
    """What the school base holds of some fiches: equal where nothing changed that tells who is who."""

    guardians: list[tuple[Any, ...]]
    """The fields of `Entered` of each."""
    ties: list[tuple[Any, ...]]
    """Guardian, student, legal rank and kinship of each."""
    students: StudentRows


def read_school(session: Session, establishment_id: int) -> SchoolRows:
    """The fiches that the last import still held, with their ties to students who are there, in four queries."""
    return _read(
        session,
        Guardian.establishment_id == establishment_id,
        (Guardianship.establishment_id == establishment_id) & Guardianship.gone_at.is_(None),
        Student.establishment_id == establishment_id,
    )


def load_fiches_anywhere(session: Session, guardian_ids: Collection[int]) -> Fiches:
    """These fiches, of any establishments, with all their ties: a student who changed school is tied there still."""
    tied = select(Guardianship.student_id).where(Guardianship.guardian_id.in_(guardian_ids))
    rows = _read(
        session,
        Guardian.id.in_(guardian_ids),
        Guardianship.guardian_id.in_(guardian_ids),
        Student.id.in_(tied),
    )
    return fiches_in(rows)


def _read(
    session: Session,
    chosen: ColumnElement[bool],
    ties: ColumnElement[bool],
    students: ColumnElement[bool],
) -> SchoolRows:
    columns = [getattr(Guardian, _COLUMNS.get(field, field)) for field in Entered._fields]
    guardians = select(*columns).where(chosen, Guardian.gone_at.is_(None)).order_by(Guardian.id)
    tie = Guardianship.guardian_id, Guardianship.student_id, Guardianship.legal_rank, Guardianship.kinship_code
    tied = select(*tie).join(Guardian, Guardian.id == Guardianship.guardian_id)
    tied = tied.where(ties, Guardian.gone_at.is_(None)).order_by(Guardianship.id)
    return SchoolRows(rows_of(session, guardians), rows_of(session, tied), read_students(session, students))


def fiches_in(rows: SchoolRows) -> Fiches:
    """The columns of these rows; asks no database."""
    families = families_in(rows.students)
    guardians, students, ranks, kinships = columns_of(rows.ties, 4)
    ids = np.array([fiche[0] for fiche in rows.guardians], dtype=np.int64)
    links = Links(
        fiche=np.searchsorted(ids, np.array(guardians, dtype=np.int64)),
        student=np.array(students, dtype=np.int64),
        rank=np.array([rank or 0 for rank in ranks], dtype=np.int64),
        name=texts(families.name.get(student, "") for student in students),
        kinship=numbered(code or "" for code in kinships),
    )
    return fiches_of(rows.guardians, links, families)


def fiches_of(entered: Sequence[tuple[Any, ...]], links: Links, families: Families) -> Fiches:
    """The columns of these fiches, each with the fields of `Entered`; `links` gives them by their position."""
    columns = Entered(*columns_of(entered, len(Entered._fields)))
    lines = zip(*(getattr(columns, line) for line in LINES), strict=True)
    places = [place_in(written) for written in lines]
    whole, number, way = columns_of(places, len(Place._fields))
    names = zip(columns.civility, columns.family_name, columns.usage_name, columns.first_name, strict=True)
    return Fiches(
        ids=np.array(columns.number, dtype=np.int64),
        written=[Written(*those) for those in names],
        sex=np.array([_SEXES.get((civility or "").upper(), 0) for civility in columns.civility], dtype=np.int64),
        family=each(_name, columns.family_name),
        usage=each(_name, columns.usage_name),
        first=each(_name, columns.first_name),
        email=each(_email, columns.email),
        mobile=each(phone_key, columns.mobile_phone),
        home=each(phone_key, columns.home_phone),
        work=each(phone_key, columns.work_phone),
        place=texts(whole),
        number=texts(number),
        way=texts(way),
        postal=each(str.strip, columns.postal_code),
        city=each(town_in, columns.city),
        links=links,
        brothers=_of_students(families.family, links.student),
        neighbours=_of_students(families.address, links.student),
    )


def _of_students(numbers: Mapping[int, int], students: Numbers) -> Numbers:
    return np.array([numbers.get(student, 0) for student in students.tolist()], dtype=np.int64)


def fold_name(name: str) -> str:
    """A name without case, accents and comments; a lost character is left out rather than made a blank."""
    return fold(name.replace(LOST_CHARACTER, ""))


def _name(name: str) -> str:
    """The folded name; nothing for what schools type where they know none."""
    return "" if is_placeholder(without_comment(name)) else fold_name(name)


def _email(address: str) -> str:
    return address.strip().lower()
