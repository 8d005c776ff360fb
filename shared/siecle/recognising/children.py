"""The children of guardians, as evidence of who they are: students of the school base, never keys alone (R31)."""

from collections.abc import Collection, Iterable
from typing import TypeVar

from sqlalchemy import ColumnElement, exists, literal, select

from shared.models.school import FileKind, Guardianship, LastExport
from shared.siecle.reading.tables import GUARDIANS, LINKS
from shared.siecle.recognising.reading import rows
from shared.siecle.updating.school_base import GUARDIAN, STUDENT, Updating

GUARDIANSHIP = Guardianship.__table__

Key = TypeVar("Key", int, str)
Children = dict[int, str | None]
"""The number of each student, and the code of the kinship."""


def students_are_those_of_the_file(updating: Updating) -> bool:
    """Whether the ELEVE_ID of the guardians' file surely stand for the students of the school base.

    They do when the students' file comes along, or the last one is of the same day or a later one. Otherwise they may
    have been given to others meanwhile.
    """
    if FileKind.STUDENTS in updating.staged:
        return True
    exported_at = updating.staged.exports[FileKind.GUARDIANS].exported_at
    last = updating.session.scalar(
        select(LastExport.exported_at).where(
            LastExport.establishment_id == updating.establishment_id, LastExport.kind == FileKind.STUDENTS
        )
    )
    return exported_at is not None and last is not None and exported_at.date() <= last.date()


def children_of_records(updating: Updating, keys: Collection[str]) -> dict[str, Children]:
    """The children of the records with these keys, by key."""
    query = select(LINKS.c.guardian_siecle_id, STUDENT.c.id, LINKS.c.kinship_code).join(STUDENT, _is_linked(updating))
    return _by_guardian(rows(updating, query, LINKS.c.guardian_siecle_id, keys))


def children_of_fiches(updating: Updating, guardian_ids: Collection[int]) -> dict[int, Children]:
    """The children that these fiches have, or had, by the number of the fiche: not those that only a key gave."""
    link = GUARDIANSHIP
    query = select(link.c.guardian_id, link.c.student_id, link.c.kinship_code).where(~link.c.by_key_only)
    return _by_guardian(rows(updating, query, link.c.guardian_id, guardian_ids))


def guardians_of(updating: Updating, student_ids: Collection[int]) -> set[int]:
    """The fiches that are, or were, linked to one of these students."""
    query = select(GUARDIANSHIP.c.guardian_id)
    return {row.guardian_id for row in rows(updating, query, GUARDIANSHIP.c.student_id, student_ids)}


def has_other_children(updating: Updating) -> ColumnElement[bool]:
    """Whether a record has children, and its fiche too, none of them the same."""
    of_record = LINKS.c.guardian_siecle_id == GUARDIANS.c.siecle_id
    of_fiche = (GUARDIANSHIP.c.guardian_id == GUARDIAN.c.id) & ~GUARDIANSHIP.c.by_key_only
    any_read = exists(select(literal(1)).select_from(LINKS).where(of_record))
    any_known = exists(select(literal(1)).select_from(GUARDIANSHIP).where(of_fiche))
    shared = select(literal(1)).select_from(LINKS).join(STUDENT, _is_linked(updating))
    shared = shared.join(GUARDIANSHIP, (GUARDIANSHIP.c.student_id == STUDENT.c.id) & of_fiche).where(of_record)
    return any_read & any_known & ~exists(shared)


def _is_linked(updating: Updating) -> ColumnElement[bool]:
    of_school = STUDENT.c.establishment_id == updating.establishment_id
    return of_school & (STUDENT.c.siecle_id == LINKS.c.student_siecle_id)


def _by_guardian(found: Iterable[tuple[Key, int, str | None]]) -> dict[Key, Children]:
    children: dict[Key, Children] = {}
    for guardian, student, kinship in found:
        children.setdefault(guardian, {})[student] = kinship
    return children
