"""Who was in the school base before an import, set aside in temporary tables to be compared with afterwards (R32)."""

from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, FromClause, String, Table, func, insert, literal, null, select
from sqlalchemy import cast as as_type
from sqlalchemy.orm import Session

from shared.models.school import Division, Guardian, Guardianship, Student
from shared.persons.presence import present
from shared.siecle.reading.tables import GUARDIANS_BEFORE, LINKS_BEFORE, STUDENTS_BEFORE

STUDENT = cast("Table", Student.__table__)
GUARDIAN = cast("Table", Guardian.__table__)
GUARDIANSHIP = cast("Table", Guardianship.__table__)
DIVISION = cast("Table", Division.__table__)


def remember(session: Session, establishment_id: int, today: date) -> None:
    """Set aside the students and guardians present, and what links them; three statements, whatever their number."""
    students = select(*_person(STUDENT), DIVISION.c.code)
    students = students.outerjoin_from(STUDENT, DIVISION, DIVISION.c.id == STUDENT.c.division_id)
    students = students.where(*is_present(STUDENT, establishment_id, today))
    guardians = select(*_person(GUARDIAN), as_type(null(), String)).where(
        *is_present(GUARDIAN, establishment_id, today)
    )
    for table, persons in ((STUDENTS_BEFORE, students), (GUARDIANS_BEFORE, guardians)):
        session.execute(insert(table).from_select(table.c.keys(), persons))
    links = (
        select(GUARDIANSHIP.c.student_id, GUARDIANSHIP.c.guardian_id, GUARDIANSHIP.c.legal_rank.is_not(None))
        .join(STUDENTS_BEFORE, STUDENTS_BEFORE.c.id == GUARDIANSHIP.c.student_id)
        .join(GUARDIANS_BEFORE, GUARDIANS_BEFORE.c.id == GUARDIANSHIP.c.guardian_id)
        .where(GUARDIANSHIP.c.establishment_id == establishment_id, GUARDIANSHIP.c.gone_at.is_(None))
    )
    session.execute(insert(LINKS_BEFORE).from_select(LINKS_BEFORE.c.keys(), links))
    let_be_counted(session, STUDENTS_BEFORE, GUARDIANS_BEFORE, LINKS_BEFORE)


def is_present(fiche: FromClause, establishment_id: int, today: date) -> tuple[ColumnElement[bool], ...]:
    """Whether a student or a guardian of the establishment is there."""
    return fiche.c.establishment_id == establishment_id, is_there(fiche, today)


def is_there(fiche: FromClause, today: date) -> ColumnElement[bool]:
    """Whether a fiche is still in the base of its school; of a student, has not left either."""
    return present(fiche.c, today) if fiche is STUDENT else fiche.c.gone_at.is_(None)


def written_name(fiche: FromClause) -> ColumnElement[str]:
    """First name and name in use, as `Person.full_name`."""
    last_name = func.coalesce(func.nullif(fiche.c.usage_name, ""), fiche.c.family_name)
    return func.trim(fiche.c.first_name + literal(" ") + last_name)


def let_be_counted(session: Session, *tables: Table) -> None:
    """Let PostgreSQL know how many rows there are: it takes a temporary table for an empty one."""
    if session.get_bind().dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        session.connection().exec_driver_sql(f"ANALYZE {names}")


def known_address(column: ColumnElement[str]) -> ColumnElement[str]:
    """An e-mail address as addresses are compared; none for an empty one."""
    return func.nullif(func.lower(column), "")


def _person(fiche: FromClause) -> tuple[ColumnElement[Any], ...]:
    return (
        fiche.c.id,
        written_name(fiche),
        fiche.c.name_key,
        fiche.c.birth_name_key,
        known_address(fiche.c.email),
    )
