"""What a file says of a student under a second key is said of the student: links, division, grant (R31)."""

from sqlalchemy import ColumnElement, Table, delete, exists, func, insert, literal, select, true, update

from shared.database import insert_or
from shared.models.imports.identity import SecondKey
from shared.models.school import FileKind, WaitingLink
from shared.siecle.reading.legal_ranks import CONTACT
from shared.siecle.reading.tables import GRANTS, LINKS, PLACEMENTS, SECOND_KEYS, UNREADABLE_STUDENTS
from shared.siecle.updating.school_base import STUDENT, Updating
from shared.siecle.updating.settling import holds_rows, work_out_legal_ranks

WAITING = WaitingLink.__table__


def read_second_keys(updating: Updating) -> None:
    """The second keys that the last students' file gave, for a file that comes without one."""
    known = select(SecondKey.siecle_id, STUDENT.c.siecle_id).join(STUDENT, STUDENT.c.id == SecondKey.student_id)
    of_school = known.where(SecondKey.establishment_id == updating.establishment_id)
    updating.session.execute(insert(SECOND_KEYS).from_select(["siecle_id", "kept"], of_school))


def follow_second_keys(updating: Updating) -> None:
    """Let everything read under a second key be of the record that stays: the first division, the strongest links."""
    if not holds_rows(updating.session.connection(), SECOND_KEYS):
        return
    _rename(updating, GRANTS, GRANTS.c.siecle_id)
    _rename(updating, PLACEMENTS, PLACEMENTS.c.siecle_id)
    _leave_one(updating, PLACEMENTS, [PLACEMENTS.c.siecle_id], [PLACEMENTS.c.position])
    if FileKind.GUARDIANS in updating.staged:
        _rename(updating, LINKS, LINKS.c.student_siecle_id)
        strength = func.coalesce(LINKS.c.level, LINKS.c.legal_rank, CONTACT)
        _leave_one(
            updating, LINKS, [LINKS.c.student_siecle_id, LINKS.c.guardian_siecle_id], [strength, LINKS.c.position]
        )
        work_out_legal_ranks(updating.session.connection())
    _rename_waiting_links(updating)


def remember_second_keys(updating: Updating) -> None:
    """Keep the second keys of this students' file, in place of the last one's but those of unreadable records."""
    of_school = SecondKey.establishment_id == updating.establishment_id
    unreadable = exists(select(literal(1)).where(UNREADABLE_STUDENTS.c.siecle_id == SecondKey.siecle_id))
    updating.session.execute(delete(SecondKey).where(of_school, ~unreadable))
    read = (
        select(literal(updating.establishment_id), SECOND_KEYS.c.siecle_id, STUDENT.c.id)
        .join(STUDENT, STUDENT.c.siecle_id == SECOND_KEYS.c.kept)
        .where(STUDENT.c.establishment_id == updating.establishment_id)
    )
    names = ["establishment_id", "siecle_id", "student_id"]
    kept = insert_or(updating.session, SecondKey).from_select(names, read)
    updating.session.execute(kept.on_conflict_do_nothing())


def _rename(updating: Updating, table: Table, key: ColumnElement[str]) -> None:
    kept = select(SECOND_KEYS.c.kept).where(SECOND_KEYS.c.siecle_id == key).scalar_subquery()
    second = exists(select(literal(1)).select_from(SECOND_KEYS).where(SECOND_KEYS.c.siecle_id == key))
    updating.session.execute(update(table).where(second).values({key: kept}))


def _leave_one(
    updating: Updating, table: Table, keys: list[ColumnElement[str]], order: list[ColumnElement[object]]
) -> None:
    place = func.row_number().over(partition_by=keys, order_by=order).label("place")
    ranked = select(table.c.position, place).subquery()
    superfluous = select(ranked.c.position).where(ranked.c.place > 1)
    updating.session.execute(delete(table).where(table.c.position.in_(superfluous)))


def _rename_waiting_links(updating: Updating) -> None:
    values = [column.name for column in WAITING.c if column.name not in {"id", "student_siecle_id"}]
    second = SECOND_KEYS.c.siecle_id == WAITING.c.student_siecle_id
    of_school = WAITING.c.establishment_id == updating.establishment_id
    renamed = select(SECOND_KEYS.c.kept, *(WAITING.c[name] for name in values)).join(WAITING, second).where(of_school)
    copies = insert_or(updating.session, WaitingLink).from_select(["student_siecle_id", *values], renamed.where(true()))
    updating.session.execute(copies.on_conflict_do_nothing())
    updating.session.execute(
        delete(WaitingLink).where(of_school, exists(select(literal(1)).select_from(SECOND_KEYS).where(second)))
    )
