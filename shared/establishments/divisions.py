"""The divisions of an establishment, to choose from."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from shared.establishments.codes.divisions import spelling_key
from shared.establishments.codes.levels import BY_SIGN, Level
from shared.models.school import Division, Student
from shared.persons.presence import present


def division_codes(session: Session, establishment_id: int) -> list[str]:
    """The codes of the divisions that the last import still held, in alphabetical order."""
    standing = select(Division.code).where(Division.establishment_id == establishment_id, Division.gone_at.is_(None))
    return list(session.scalars(standing.order_by(Division.code)))


def level_in_database(code: Any) -> ColumnElement[str]:  # noqa: ANN401 - a column of codes, or an expression
    """The level that a code says, as `level_of` reads it."""
    sign = func.upper(func.substr(func.trim(func.coalesce(code, "")), 1, 1))
    return case({first: level.value for first, level in BY_SIGN.items()}, value=sign, else_=Level.OTHER.value)


def spelled_as_known(session: Session, establishment_id: int, codes: Iterable[str]) -> frozenset[str]:
    """These codes as the school base writes them: `6a` typed for `6 A`, where no other division could be meant."""
    known = division_codes(session, establishment_id)
    typed = set(codes)
    alike = {code: [one for one in known if spelling_key(one) == spelling_key(code)] for code in typed - set(known)}
    return frozenset(alike[code][0] if len(alike.get(code, ())) == 1 else code for code in typed)


def empty_divisions(session: Session, establishment_id: int, codes: Iterable[str], today: date) -> list[str]:
    """Those of these divisions that no student is present in, in alphabetical order."""
    wanted = set(codes)
    if not wanted:
        return []
    inhabited = (
        select(Division.code)
        .join(Student, Student.division_id == Division.id)
        .where(Division.establishment_id == establishment_id, Division.code.in_(wanted), present(Student, today))
        .distinct()
    )
    return sorted(wanted - set(session.scalars(inhabited)))
