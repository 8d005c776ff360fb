"""Links guardians to students from what was read, now or earlier: a link may come before its student."""

from typing import cast

from sqlalchemy import (
    FromClause,
    Select,
    Table,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from shared.database import count_first_rows
from shared.french import agreed
from shared.models.school import FileKind, Guardian, Guardianship, LastExport, Student, WaitingLink
from shared.siecle.reading.tables import LINKS, UNREADABLE_LINKS
from shared.siecle.report import SENTENCES_KEPT, ImportRefused, quoted
from shared.siecle.updating.school_base import Updating
from shared.siecle.updating.synchronising import Target, mark_gone, take_in

STUDENT = Student.__table__
GUARDIAN = Guardian.__table__
GUARDIANSHIP = Guardianship.__table__
WAITING = cast("Table", WaitingLink.__table__)
LINK_TO_NOBODY = "lien élève et responsable\u00a0: l'élève ou le responsable n'est dans aucun fichier"
VALUES = ("legal_rank", "kinship_code", "pays_fees", "receives_aid")


def update_links(updating: Updating) -> None:
    """Make the links of the base those of the files; those whose student is not known yet wait for him.

    They wait until a students' file has him, or a newer guardians' file says them no more: whatever the order in which
    the two files come, the same links stand in the end. A link never waits for its guardian, whom only a guardians'
    file can bring, with all of its links.

    Raises:
        ImportRefused: the guardians' file holds no link, so that every family would lose its children.
    """
    count_first_rows(updating.session, Student, Guardian)
    if FileKind.GUARDIANS in updating.staged:
        _refuse_without_links(updating)
        label = updating.staged.exports[FileKind.GUARDIANS].label
        updating.report.links.read = updating.staged.count(LINKS)
        had_links = _link(updating, LINKS)
        if had_links:
            _note_what_gave(updating, LINKS, by_key_only=False)
            _mark_links_gone(updating)
        _let_links_wait(updating)
        _report_links_to_nobody(updating, LINKS, label)
    elif FileKind.STUDENTS in updating.staged:
        waiting = _waiting_links(updating)
        updating.report.links.read = updating.session.scalar(select(func.count()).select_from(waiting)) or 0
        _link(updating, waiting)
        if _students_are_of_a_later_day(updating):
            _note_what_gave(updating, waiting, by_key_only=True)
        _forget_waiting_links(updating, _student_is_present(updating, WAITING))
        _report_links_to_nobody(updating, waiting, "Liens lus avant le fichier des élèves")
    else:
        return
    _tell_of_waiting_links(updating)


def _refuse_without_links(updating: Updating) -> None:
    linked = select(GUARDIANSHIP.c.id).where(
        GUARDIANSHIP.c.establishment_id == updating.establishment_id, GUARDIANSHIP.c.gone_at.is_(None)
    )
    if updating.staged.count(LINKS) == 0 and updating.session.scalar(select(exists(linked))):
        label = updating.staged.exports[FileKind.GUARDIANS].label
        raise ImportRefused(
            f"Le fichier {quoted(label)} ne contient aucun lien entre élèves et responsables\u00a0: l'importer "
            "détacherait tous les responsables de leurs enfants. Refaites l'export dans SIECLE."
        )


def _target(updating: Updating) -> Target:
    return updating.target(GUARDIANSHIP, "student_id", "guardian_id", keys_of_one_school=False)


def _is_present(updating: Updating, person: FromClause, key: ColumnElement[str]) -> ColumnElement[bool]:
    return (
        (person.c.establishment_id == updating.establishment_id)
        & (person.c.siecle_id == key)
        & person.c.gone_at.is_(None)
    )


def _student_is_present(updating: Updating, links: FromClause) -> ColumnElement[bool]:
    return exists(select(STUDENT.c.id).where(_is_present(updating, STUDENT, links.c.student_siecle_id)))


def _link(updating: Updating, links: FromClause) -> bool:
    """Turn those of `links` with both ends present into guardianships; returns whether there were any before."""
    ready = _ready(updating, links).subquery()
    return take_in(updating.session, _target(updating), ready, VALUES, updating.report.links)


def _students_are_of_a_later_day(updating: Updating) -> bool:
    """Whether ELEVE_ID may have changed hands since the guardians' file whose links waited."""
    exported_at = updating.staged.exports[FileKind.STUDENTS].exported_at
    last = updating.session.scalar(
        select(LastExport.exported_at).where(
            LastExport.establishment_id == updating.establishment_id, LastExport.kind == FileKind.GUARDIANS
        )
    )
    return exported_at is None or last is None or last.date() < exported_at.date()


def _note_what_gave(updating: Updating, links: FromClause, *, by_key_only: bool) -> None:
    """Note of the guardianships of `links` whether the persons gave them, or no more than a key (R31)."""
    ready = _ready(updating, links).subquery()
    same = (ready.c.student_id == GUARDIANSHIP.c.student_id) & (ready.c.guardian_id == GUARDIANSHIP.c.guardian_id)
    updating.session.execute(
        update(Guardianship)
        .where(
            Guardianship.establishment_id == updating.establishment_id,
            Guardianship.by_key_only.is_not(by_key_only),
            exists(select(literal(1)).where(same)),
        )
        .values(by_key_only=by_key_only)
        .execution_options(synchronize_session=False)
    )


def _ready(updating: Updating, links: FromClause) -> Select[tuple[int, int]]:
    return (
        select(
            STUDENT.c.id.label("student_id"),
            GUARDIAN.c.id.label("guardian_id"),
            _rank(updating, links).label("legal_rank"),
            *(links.c[name] for name in VALUES if name != "legal_rank"),
        )
        .select_from(links)
        .join(STUDENT, _is_present(updating, STUDENT, links.c.student_siecle_id))
        .join(GUARDIAN, _is_present(updating, GUARDIAN, links.c.guardian_siecle_id))
    )


def _rank(updating: Updating, links: FromClause) -> ColumnElement[int | None]:
    """The legal rank; that of the base where the file does not tell it: nobody loses a child to a bad code."""
    if links is not LINKS:
        return links.c.legal_rank
    known = select(GUARDIANSHIP.c.legal_rank).where(
        GUARDIANSHIP.c.establishment_id == updating.establishment_id,
        GUARDIANSHIP.c.student_id == STUDENT.c.id,
        GUARDIANSHIP.c.guardian_id == GUARDIAN.c.id,
    )
    return case(
        (LINKS.c.rank_is_unknown, known.correlate(STUDENT, GUARDIAN).scalar_subquery()), else_=links.c.legal_rank
    )


def _mark_links_gone(updating: Updating) -> None:
    ready = _ready(updating, LINKS).subquery()
    still_there = exists(
        select(literal(1)).where(
            ready.c.student_id == GUARDIANSHIP.c.student_id, ready.c.guardian_id == GUARDIANSHIP.c.guardian_id
        )
    )
    unreadable = exists(
        select(literal(1))
        .select_from(UNREADABLE_LINKS)
        .join(STUDENT, STUDENT.c.siecle_id == UNREADABLE_LINKS.c.student_siecle_id)
        .join(GUARDIAN, GUARDIAN.c.siecle_id == UNREADABLE_LINKS.c.guardian_siecle_id)
        .where(STUDENT.c.id == GUARDIANSHIP.c.student_id, GUARDIAN.c.id == GUARDIANSHIP.c.guardian_id)
    )
    target = _target(updating)
    mark_gone(updating.session, target, still_there | unreadable, updating.now, updating.report.links)


def _report_links_to_nobody(updating: Updating, links: FromClause, label: str) -> None:
    """One error for each of `links` of which an end is in no file; the students' file may still be to come."""
    student_missing = ~_student_is_present(updating, links) if FileKind.STUDENTS in updating.staged else false()
    guardian_missing = ~exists(select(GUARDIAN.c.id).where(_is_present(updating, GUARDIAN, links.c.guardian_siecle_id)))
    keys = links.c.student_siecle_id, links.c.guardian_siecle_id
    lost = select(links.c.line, *keys, guardian_missing.label("guardian_missing"))
    lost = lost.where(student_missing | guardian_missing)
    errors = updating.report.findings.errors
    found = updating.session.execute(lost.order_by(links.c.line, *keys).limit(SENTENCES_KEPT)).all()
    for line, student, guardian, lacks_guardian in found:
        place = label if line is None else f"{label}, ligne {line}"
        said = (
            f"le responsable {guardian} n'est dans aucun fichier, le lien n'a pas été repris."
            if lacks_guardian
            else f"l'élève {student} n'est dans aucun fichier, le lien attend qu'il y soit."
        )
        errors.add(f"{place}, lien élève et responsable {student} {guardian}\u00a0: {said}", LINK_TO_NOBODY)
    if len(found) == SENTENCES_KEPT:
        total = updating.session.scalar(select(func.count()).select_from(lost.subquery())) or 0
        errors.add_unwritten(LINK_TO_NOBODY, total - SENTENCES_KEPT)


def _waiting_links(updating: Updating) -> FromClause:
    return (
        select(
            WAITING.c.student_siecle_id,
            GUARDIAN.c.siecle_id.label("guardian_siecle_id"),
            null().label("line"),
            *(WAITING.c[name] for name in VALUES),
        )
        .join_from(WAITING, GUARDIAN, GUARDIAN.c.id == WAITING.c.guardian_id)
        .where(WAITING.c.establishment_id == updating.establishment_id)
        .subquery()
    )


def _forget_waiting_links(updating: Updating, which: ColumnElement[bool]) -> None:
    updating.session.execute(delete(WAITING).where(WAITING.c.establishment_id == updating.establishment_id, which))


def _let_links_wait(updating: Updating) -> None:
    """Make the waiting links those of the file whose student is not present; what waits already stays as it is."""
    ready = (
        select(GUARDIAN.c.id.label("guardian_id"), LINKS.c.student_siecle_id, *(LINKS.c[name] for name in VALUES))
        .select_from(LINKS)
        .join(GUARDIAN, _is_present(updating, GUARDIAN, LINKS.c.guardian_siecle_id))
        .where(~_student_is_present(updating, LINKS))
    ).subquery()
    same = (WAITING.c.guardian_id == ready.c.guardian_id) & (WAITING.c.student_siecle_id == ready.c.student_siecle_id)
    differs = or_(*(WAITING.c[name].is_distinct_from(ready.c[name]) for name in VALUES))
    _forget_waiting_links(updating, ~exists(select(literal(1)).select_from(ready).where(same)))
    updating.session.execute(update(WAITING).where(same, differs).values({name: ready.c[name] for name in VALUES}))
    columns = ("guardian_id", "student_siecle_id", *VALUES)
    new = select(literal(updating.establishment_id), *(ready.c[name] for name in columns))
    new = new.where(~exists(select(WAITING.c.id).where(same)))
    updating.session.execute(insert(WAITING).from_select(["establishment_id", *columns], new))


def _tell_of_waiting_links(updating: Updating) -> None:
    of_school = WaitingLink.establishment_id == updating.establishment_id
    count = updating.session.scalar(select(func.count()).select_from(WaitingLink).where(of_school)) or 0
    updating.report.waiting_links = count
    if not count:
        return
    wait = agreed(count, "lien attend un élève", "liens attendent des élèves")
    unknown = agreed(count, "qui n'est pas encore dans la base", "qui ne sont pas encore dans la base")
    advice = (
        "vérifiez que l'export des élèves est complet."
        if FileKind.STUDENTS in updating.staged
        else "importez ensuite le fichier des élèves."
    )
    updating.report.findings.warnings.add(f"{count} {wait} {unknown}\u00a0: {advice}")
