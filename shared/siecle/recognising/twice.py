"""INE that a file holds twice (R31): one student under two keys, or two students of whom the INE says nothing."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import case, delete, func, insert, select, update

from shared.accounts.state_policy import USED
from shared.models.accounts import Account
from shared.models.school import FileKind
from shared.persons.identity import same_student_elsewhere
from shared.siecle.reading.tables import SECOND_KEYS, STUDENTS
from shared.siecle.recognising.changes import United, full_name
from shared.siecle.recognising.matching import LARGEST_BUCKET
from shared.siecle.recognising.reading import lots, rows
from shared.siecle.recognising.students import SORT, Known, Read
from shared.siecle.report import quoted
from shared.siecle.updating.school_base import STUDENT, Updating

_NOT_KNOWN = (0, 0, 0)


class _Second(NamedTuple):
    """A record of a student of whom another one stays."""

    record: Read
    kept: Read


def settle_ines_read_twice(updating: Updating) -> list[United]:
    """Leave one record of each student whom the file holds twice, and no INE to students who have one between them.

    The record that stays is that of the fiche with an account, else of one that is known, else the first. Returns the
    fiches of the school base that are of one student with another.
    """
    groups = list(_groups(updating))
    if not groups:
        return []
    standing = _standing(updating, {record.siecle_id for group in groups for record in group})
    seconds: list[_Second] = []
    for group in groups:
        for records in _students_of(updating, group):
            kept = max(records, key=lambda one: (standing.get(one.siecle_id, _NOT_KNOWN), -one.position))
            seconds += [_Second(record, kept) for record in records if record is not kept]
    for second in seconds:
        _say_they_are_one(updating, second)
    _drop(updating, seconds)
    return list(_united(updating, seconds))


def _groups(updating: Updating) -> Iterator[list[Read]]:
    """The records that share an INE."""
    ine = STUDENTS.c.ine
    twice = select(ine).where(ine.is_not(None)).group_by(ine).having(func.count() > 1)
    found = select(*SORT.of_record()).where(ine.in_(twice)).order_by(ine, STUDENTS.c.position)
    records = (Read(*row) for row in updating.session.execute(found))
    return (list(group) for _, group in groupby(records, key=lambda record: record.ine))


def _students_of(updating: Updating, records: list[Read]) -> list[list[Read]]:
    """The students whom these records with one INE are of; where there are several, the INE counts for none of them."""
    if len(records) > LARGEST_BUCKET:
        _forget_ine(updating, records)
        updating.report.findings.warnings.add(
            f"{_label(updating)}\u00a0: {len(records)} élèves ont le même INE, {quoted(records[0].ine or '')}. Il ne "
            "compte pour aucun d'eux\u00a0: corrigez-le dans SIECLE."
        )
        return []
    students: list[list[Read]] = []
    for record in records:
        same = (one for one in students if same_student_elsewhere(one[0].identity, record.identity).same)
        known = next(same, None)
        if known is None:
            students.append([record])
        else:
            known.append(record)
    if len(students) > 1:
        _forget_ine(updating, records)
        for others in students[1:]:
            _say_they_are_two(updating, students[0][0], others[0])
    return students


def _forget_ine(updating: Updating, records: Sequence[Read]) -> None:
    for positions in lots([record.position for record in records]):
        updating.session.execute(update(STUDENTS).where(STUDENTS.c.position.in_(positions)).values(ine=None))


def _label(updating: Updating) -> str:
    return updating.staged.exports[FileKind.STUDENTS].label


def _say_they_are_two(updating: Updating, one: Read, other: Read) -> None:
    reasons = ", ".join(same_student_elsewhere(one.identity, other.identity).reasons)
    updating.report.findings.warnings.add(
        f"{_label(updating)}, lignes {one.line} et {other.line}\u00a0: les élèves {one.siecle_id} "
        f"({full_name(one.names)}) et {other.siecle_id} ({full_name(other.names)}) ont le même INE ({reasons}). Il ne "
        "compte pour aucun des deux\u00a0: corrigez-le dans SIECLE.",
        "deux élèves avec un même INE",
    )


def _say_they_are_one(updating: Updating, second: _Second) -> None:
    one, other = sorted((second.record, second.kept), key=lambda record: record.position)
    reasons = ", ".join(same_student_elsewhere(one.identity, other.identity).reasons)
    updating.report.findings.warnings.add(
        f"{_label(updating)}, lignes {one.line} et {other.line}\u00a0: les élèves {one.siecle_id} et {other.siecle_id} "
        f"sont un seul élève, {full_name(second.kept.names)} ({reasons}). Une seule fiche est reprise, sous le numéro "
        f"{second.kept.siecle_id}\u00a0: supprimez l'autre dans SIECLE.",
        "un élève sous deux numéros de SIECLE",
    )


def _standing(updating: Updating, keys: set[str]) -> dict[str, tuple[int, ...]]:
    """How much there is to lose with the fiche of each key, the more the higher: an account in use, one, a fiche."""
    in_use = case((Account.state.in_(USED), 1), else_=0)
    known = (
        select(STUDENT.c.siecle_id, in_use, STUDENT.c.account_id.is_not(None), STUDENT.c.gone_at.is_(None))
        .outerjoin(Account, Account.id == STUDENT.c.account_id)
        .where(STUDENT.c.establishment_id == updating.establishment_id)
    )
    return {row.siecle_id: tuple(map(int, row[1:])) for row in rows(updating, known, STUDENT.c.siecle_id, keys)}


def _drop(updating: Updating, seconds: Sequence[_Second]) -> None:
    """Leave the records of `seconds` out, and let what the file says of them be of the records that stay."""
    if not seconds:
        return
    updating.session.execute(
        insert(SECOND_KEYS),
        [{"siecle_id": second.record.siecle_id, "kept": second.kept.siecle_id} for second in seconds],
    )
    for positions in lots([second.record.position for second in seconds]):
        updating.session.execute(delete(STUDENTS).where(STUDENTS.c.position.in_(positions)))


def _united(updating: Updating, seconds: Iterable[_Second]) -> Iterator[United]:
    """Those of `seconds` of whom the school base has a fiche that was there until now."""
    kept = {second.record.siecle_id: second.kept.siecle_id for second in seconds}
    there = select(*SORT.of_fiche()).where(
        STUDENT.c.establishment_id == updating.establishment_id, STUDENT.c.gone_at.is_(None)
    )
    for row in rows(updating, there, STUDENT.c.siecle_id, kept):
        fiche = Known(*row)
        yield United(fiche.siecle_id, fiche.id, kept[fiche.siecle_id], fiche.names, fiche.account_id)
