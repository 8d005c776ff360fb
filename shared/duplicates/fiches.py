"""Reads the fiches of an establishment into columns, names folded, ready to be compared by thousands."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.school import Guardian, Guardianship, Student
from shared.names import LOST_CHARACTER, fold

Numbers = NDArray[np.int64]
Texts = NDArray[np.object_]

PHONE_DIGITS = 9
_NOT_DIGITS = re.compile(r"\D+")
_SEXES = {"M.": 1, "M": 1, "MR": 1, "MME": 2, "MLLE": 2}
_NAMES = (Guardian.family_name, Guardian.usage_name, Guardian.first_name)
_CONTACTS = (Guardian.email, Guardian.mobile_phone, Guardian.home_phone, Guardian.work_phone)
_PLACE = ("address_line1", "address_line2", "address_line3", "address_line4", "po_box")


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
    """The fiches that the last import still held, with their ties to students who are there, in three queries."""
    address = [getattr(Guardian, name) for name in _PLACE]
    columns = (Guardian.id, Guardian.civility, *_NAMES, *_CONTACTS, Guardian.postal_code, *address)
    rows = session.execute(
        select(*columns)
        .where(Guardian.establishment_id == establishment_id, Guardian.gone_at.is_(None))
        .order_by(Guardian.id)
    ).all()
    ids, civilities, family, usage, first, email, mobile, home, work, postal, *lines = _columns(rows, len(columns))
    links, brothers, neighbours = _load_links(session, establishment_id, np.array(ids, dtype=np.int64))
    return Fiches(
        ids=np.array(ids, dtype=np.int64),
        written=[Written(*names) for names in zip(civilities, family, usage, first, strict=True)],
        sex=np.array([_SEXES.get((civility or "").upper(), 0) for civility in civilities], dtype=np.int64),
        family=_each(fold_name, family),
        usage=_each(fold_name, usage),
        first=_each(fold_name, first),
        email=_each(_email, email),
        mobile=_each(_digits, mobile),
        home=_each(_digits, home),
        work=_each(_digits, work),
        place=_texts(map(_place, zip(*lines, postal, strict=True))),
        postal=_texts(code or "" for code in postal),
        links=links,
        brothers=brothers,
        neighbours=neighbours,
    )


def _load_links(session: Session, establishment_id: int, ids: Numbers) -> tuple[Links, Numbers, Numbers]:
    present = select(Guardianship.guardian_id, Guardianship.student_id, Guardianship.legal_rank)
    rows = session.execute(
        present.add_columns(Guardianship.kinship_code)
        .join(Guardian, Guardian.id == Guardianship.guardian_id)
        .where(
            Guardianship.establishment_id == establishment_id,
            Guardianship.gone_at.is_(None),
            Guardian.gone_at.is_(None),
        )
    ).all()
    guardians, students, ranks, kinships = _columns(rows, 4)
    families, places = _families(session, establishment_id)
    return (
        Links(
            fiche=np.searchsorted(ids, np.array(guardians, dtype=np.int64)),
            student=np.array(students, dtype=np.int64),
            rank=np.array([rank or 0 for rank in ranks], dtype=np.int64),
            kinship=numbered(_texts(code or "" for code in kinships)),
        ),
        np.array([families.get(student, 0) for student in students], dtype=np.int64),
        np.array([places.get(student, 0) for student in students], dtype=np.int64),
    )


def _families(session: Session, establishment_id: int) -> tuple[dict[int, int], dict[int, int]]:
    """For each student, the number of the family and that of the address; students without an address are alone."""
    lines = [getattr(Student, name) for name in _PLACE]
    rows = session.execute(
        select(Student.id, Student.family_name, Student.ine, *lines, Student.postal_code)
        .where(Student.establishment_id == establishment_id)
        .order_by(Student.id)
    ).all()
    ids, names, ines, *address = _columns(rows, 4 + len(lines))
    places = _texts(map(_place, zip(*address, strict=True)))
    named = _texts(f"{fold(name)}|{place}" if place else "" for name, place in zip(names, places, strict=True))
    families = _joined(numbered(named), numbered(_texts(ine or "" for ine in ines)))
    return dict(zip(ids, families.tolist(), strict=True)), dict(zip(ids, numbered(places).tolist(), strict=True))


def _joined(families: Numbers, ines: Numbers) -> Numbers:
    """The families, where two records of one student (the same INE) make one family of theirs."""
    first_of: dict[int, int] = {}
    joined: dict[int, int] = {}
    for family, ine in zip(families.tolist(), ines.tolist(), strict=True):
        if ine and first_of.setdefault(ine, family) != family and family:
            joined[family] = first_of[ine]
    return np.array([joined.get(family, family) for family in families.tolist()], dtype=np.int64)


def fold_name(name: str) -> str:
    """A name without case, accents and comments; a lost character is left out rather than made a blank."""
    return fold(name.replace(LOST_CHARACTER, ""))


def numbered(texts: Texts) -> Numbers:
    """The same number, from 1, for the same text; 0 for none."""
    seen: dict[str, int] = {"": 0}
    return np.array([seen.setdefault(text, len(seen)) for text in texts], dtype=np.int64)


def _email(address: str) -> str:
    return address.strip().lower()


def _digits(phone: str) -> str:
    return _NOT_DIGITS.sub("", phone)[-PHONE_DIGITS:]


def _place(parts: tuple[str | None, ...]) -> str:
    *lines, postal = parts
    written = " ".join(line for line in lines if line)
    return f"{fold(written)} {postal or ''}".strip() if written else ""


def _columns(rows: Iterable[Any], count: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) or [()] * count


def _each(change: Callable[[str], str], values: Iterable[str | None]) -> Texts:
    """`change` on each value, worked out once for each distinct one."""
    known: dict[str | None, str] = {None: "", "": ""}
    changed = []
    for value in values:
        if value not in known:
            known[value] = change(value or "")
        changed.append(known[value])
    return _texts(changed)


def _texts(values: Iterable[str]) -> Texts:
    listed = list(values)
    texts = np.empty(len(listed), dtype=object)
    texts[:] = listed
    return texts
