"""Fiches of one establishment that are likely the same person (R11, R12).

This is the search that the procedure asks for, by last and first name, made a little wider: accents, capitals, comments
and hyphens do not count, and the usage name of one fiche may be the birth name of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Select, and_, func, select, union
from sqlalchemy.orm import Session, aliased

from shared.models.school import Guardian, Guardianship

PAGE = 50

_SAME_NAMES = 0.7
_EACH_SAME_CONTACT = 0.1
_SAME_STUDENT = 0.05
_HIGHEST = 0.99


@dataclass(frozen=True)
class Pair:
    """Two fiches, how sure it is that they are one person (0 to 1), and why, in words for staff."""

    first: Guardian
    second: Guardian
    confidence: float
    reasons: tuple[str, ...]

    @property
    def key(self) -> tuple[int, int]:
        """Where the next page begins, after this pair."""
        return self.first.id, self.second.id


def count_untreated(session: Session, establishment_id: int) -> int:
    """How many likely duplicates of an establishment nobody has treated yet (R11)."""
    return session.scalar(select(func.count()).select_from(_same_names(establishment_id).subquery())) or 0


def likely_duplicates(
    session: Session, establishment_id: int, *, after: tuple[int, int] = (0, 0), limit: int | None = PAGE
) -> list[Pair]:
    """The pairs that nobody has treated yet, `limit` at a time (all when None), in two queries."""
    pairs = _same_names(establishment_id).subquery()
    first, second = aliased(Guardian), aliased(Guardian)
    beyond = and_(pairs.c.first_id == after[0], pairs.c.second_id > after[1]) | (pairs.c.first_id > after[0])
    rows = session.execute(
        select(first, second)
        .join(pairs, pairs.c.first_id == first.id)
        .join(second, pairs.c.second_id == second.id)
        .where(beyond)
        .order_by(first.id, second.id)
        .limit(limit)
    ).all()
    students = _students_of(session, [guardian.id for row in rows for guardian in row])
    return [_weigh(one, other, students) for one, other in rows]


def _same_names(establishment_id: int) -> CompoundSelect[int, int]:
    one, other = aliased(Guardian), aliased(Guardian)
    same = [
        one.name_key == other.name_key,
        one.birth_name_key == other.birth_name_key,
        one.name_key == other.birth_name_key,
        one.birth_name_key == other.name_key,
    ]
    # One branch for each way, so that each reads its index; the union leaves every pair once.
    pairs: list[Select[int, int]] = [
        select(one.id.label("first_id"), other.id.label("second_id")).where(
            one.establishment_id == establishment_id,
            other.establishment_id == establishment_id,
            one.id < other.id,
            one.first_name != "",
            one.gone_at.is_(None),
            other.gone_at.is_(None),
            way,
        )
        for way in same
    ]
    return union(*pairs)


def _students_of(session: Session, guardian_ids: Sequence[int]) -> dict[int, set[int]]:
    links = select(Guardianship.guardian_id, Guardianship.student_id).where(
        Guardianship.guardian_id.in_(guardian_ids), Guardianship.gone_at.is_(None)
    )
    students: dict[int, set[int]] = {}
    for guardian_id, student_id in session.execute(links):
        students.setdefault(guardian_id, set()).add(student_id)
    return students


def _weigh(one: Guardian, other: Guardian, students: dict[int, set[int]]) -> Pair:
    reasons = [_names_in_words(one, other)]
    confidence = _SAME_NAMES
    contacts = {
        "même adresse e-mail": (one.email, other.email),
        "même portable": (_digits(one.mobile_phone), _digits(other.mobile_phone)),
        "même adresse": (_place(one), _place(other)),
    }
    for words, (left, right) in contacts.items():
        if left and left == right:
            confidence += _EACH_SAME_CONTACT
            reasons.append(words)
    if students.get(one.id, set()) & students.get(other.id, set()):
        confidence += _SAME_STUDENT
        reasons.append("responsables d'un même élève")
    return Pair(one, other, round(min(confidence, _HIGHEST), 2), tuple(reasons))


def _names_in_words(one: Guardian, other: Guardian) -> str:
    if (one.last_name, one.first_name) == (other.last_name, other.first_name):
        return "même nom et même prénom"
    return f"même nom et même prénom ({one.full_name} / {other.full_name})"


def _digits(phone: str | None) -> str:
    return "".join(character for character in phone or "" if character.isdigit())[-9:]


def _place(guardian: Guardian) -> str:
    parts = (guardian.address_line1, guardian.address_line2, guardian.postal_code)
    return " ".join(part.casefold() for part in parts if part) if guardian.address_line1 else ""
