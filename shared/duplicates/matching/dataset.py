"""Reads the fiches of an establishment into columns, names folded, ready to be compared by thousands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from shared.duplicates.matching.arrays import Numbers, Texts, columns_of, each, numbered, place_of, texts
from shared.duplicates.matching.siblings import LINES, load_families
from shared.models.school import Guardian, Guardianship, Student
from shared.persons.names import LOST_CHARACTER, fold
from shared.persons.phones import phone_key

MEN = ("M.", "M", "MR")
"""Civilities, in capitals."""
_SEXES = {**dict.fromkeys(MEN, 1), "MME": 2, "MLLE": 2}
_NAMES = (Guardian.family_name, Guardian.usage_name, Guardian.first_name)
_CONTACTS = (Guardian.email, Guardian.mobile_phone, Guardian.home_phone, Guardian.work_phone)


@dataclass(frozen=True)
class Links:
    """The ties between fiches and students, one position for each; fiches are given by their position."""

    fiche: Numbers
    student: Numbers
    rank: Numbers
    """1 or 2; 0 for a contact."""
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
    """Every line of the address and the postal code, folded."""
    postal: Texts
    links: Links
    brothers: Numbers
    """For each position of `links`: the same number for students of one family, by name and address or by INE."""
    neighbours: Numbers
    """For each position of `links`: the same number for students at one address; 0 when they have none."""

    def __len__(self) -> int:
        return len(self.ids)


def load_fiches(session: Session, establishment_id: int) -> Fiches:
    """The fiches that the last import still held, with their ties to students who are there, in four queries."""
    return _load(
        session,
        Guardian.establishment_id == establishment_id,
        (Guardianship.establishment_id == establishment_id) & Guardianship.gone_at.is_(None),
        Student.establishment_id == establishment_id,
    )


def load_fiches_anywhere(session: Session, guardian_ids: Collection[int]) -> Fiches:
    """These fiches, of any establishments, with all their ties: a student who changed school is tied there still."""
    tied = select(Guardianship.student_id).where(Guardianship.guardian_id.in_(guardian_ids))
    return _load(
        session,
        Guardian.id.in_(guardian_ids),
        Guardianship.guardian_id.in_(guardian_ids),
        Student.id.in_(tied),
    )


def _load(
    session: Session,
    chosen: ColumnElement[bool],
    ties: ColumnElement[bool],
    students: ColumnElement[bool],
) -> Fiches:
    address = [getattr(Guardian, name) for name in LINES]
    columns = (Guardian.id, Guardian.civility, *_NAMES, *_CONTACTS, Guardian.postal_code, *address)
    rows = session.execute(select(*columns).where(chosen, Guardian.gone_at.is_(None)).order_by(Guardian.id)).all()
    ids, civilities, family, usage, first, email, mobile, home, work, postal, *lines = columns_of(rows, len(columns))
    numbers = np.array(ids, dtype=np.int64)
    families = load_families(session, students)
    links = _load_links(session, ties, numbers)
    return Fiches(
        ids=numbers,
        written=[Written(*names) for names in zip(civilities, family, usage, first, strict=True)],
        sex=np.array([_SEXES.get((civility or "").upper(), 0) for civility in civilities], dtype=np.int64),
        family=each(fold_name, family),
        usage=each(fold_name, usage),
        first=each(fold_name, first),
        email=each(_email, email),
        mobile=each(phone_key, mobile),
        home=each(phone_key, home),
        work=each(phone_key, work),
        place=texts(map(place_of, zip(*lines, postal, strict=True))),
        postal=texts(code or "" for code in postal),
        links=links,
        brothers=_of_students(families.family, links),
        neighbours=_of_students(families.address, links),
    )


def _load_links(session: Session, ties: ColumnElement[bool], ids: Numbers) -> Links:
    present = select(Guardianship.guardian_id, Guardianship.student_id, Guardianship.legal_rank)
    rows = session.execute(
        present.add_columns(Guardianship.kinship_code)
        .join(Guardian, Guardian.id == Guardianship.guardian_id)
        .where(ties, Guardian.gone_at.is_(None))
        .order_by(Guardianship.id)
    ).all()
    guardians, students, ranks, kinships = columns_of(rows, 4)
    return Links(
        fiche=np.searchsorted(ids, np.array(guardians, dtype=np.int64)),
        student=np.array(students, dtype=np.int64),
        rank=np.array([rank or 0 for rank in ranks], dtype=np.int64),
        kinship=numbered(code or "" for code in kinships),
    )


def _of_students(numbers: Mapping[int, int], links: Links) -> Numbers:
    return np.array([numbers.get(student, 0) for student in links.student.tolist()], dtype=np.int64)


def fold_name(name: str) -> str:
    """A name without case, accents and comments; a lost character is left out rather than made a blank."""
    return fold(name.replace(LOST_CHARACTER, ""))


def _email(address: str) -> str:
    return address.strip().lower()
