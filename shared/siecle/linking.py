"""Links guardians to students from what was read, now or earlier: a link may come before its student."""

from sqlalchemy import FromClause, Select, delete, exists, func, insert, literal, null, select
from sqlalchemy.sql.elements import ColumnElement

from shared.french import agreed
from shared.models.school import FileKind, Guardian, Guardianship, Student, WaitingLink
from shared.siecle.report import SENTENCES_KEPT, ImportRefused, quoted
from shared.siecle.synchronising import Target, mark_gone, take_in
from shared.siecle.tables import LINKS, UNREADABLE_LINKS
from shared.siecle.updating import Updating

STUDENT = Student.__table__
GUARDIAN = Guardian.__table__
GUARDIANSHIP = Guardianship.__table__
WAITING = WaitingLink.__table__
LINK_TO_NOBODY = "lien élève et responsable\u00a0: l'élève ou le responsable n'est dans aucun fichier"
VALUES = ("legal_rank", "kinship_code", "pays_fees", "receives_aid")


def update_links(updating: Updating) -> None:
    """Make the links of the base those of the files; those read before any student wait for the students' file.

    Raises:
        ImportRefused: the guardians' file holds no link, so that every family would lose its children.
    """
    if FileKind.GUARDIANS in updating.staged:
        updating.report.links.read = updating.staged.count(LINKS)
        _forget_waiting_links(updating)
        if _knows_students(updating):
            _refuse_without_links(updating)
            _link(updating, LINKS, updating.staged.exports[FileKind.GUARDIANS].label)
            _mark_links_gone(updating)
        else:
            _let_links_wait(updating)
    elif FileKind.STUDENTS in updating.staged:
        waiting = _waiting_links(updating)
        updating.report.links.read = updating.session.scalar(select(func.count()).select_from(waiting)) or 0
        _link(updating, waiting, "Liens lus avant le fichier des élèves")
        _forget_waiting_links(updating)


def _knows_students(updating: Updating) -> bool:
    any_student = select(STUDENT.c.id).where(STUDENT.c.establishment_id == updating.establishment_id)
    return bool(updating.session.scalar(select(exists(any_student))))


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


def _link(updating: Updating, links: FromClause, label: str) -> None:
    """Turn `links` into guardianships; report those of which an end is missing."""
    target = _target(updating)
    take_in(updating.session, target, _ready(updating, links).subquery(), VALUES, updating.report.links)
    _report_links_to_nobody(updating, links, label, STUDENT, GUARDIAN)


def _ready(updating: Updating, links: FromClause) -> Select[tuple[int, int]]:
    return (
        select(
            STUDENT.c.id.label("student_id"),
            GUARDIAN.c.id.label("guardian_id"),
            *(links.c[name] for name in VALUES),
        )
        .select_from(links)
        .join(STUDENT, _is_present(updating, STUDENT, links.c.student_siecle_id))
        .join(GUARDIAN, _is_present(updating, GUARDIAN, links.c.guardian_siecle_id))
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


def _report_links_to_nobody(updating: Updating, links: FromClause, label: str, *ends: FromClause) -> None:
    """One error for each of `links` of which one of `ends` is not in the base."""
    keys = {STUDENT: links.c.student_siecle_id, GUARDIAN: links.c.guardian_siecle_id}
    missing = {end: ~exists(select(end.c.id).where(_is_present(updating, end, keys[end]))) for end in ends}
    student_missing = missing.get(STUDENT, null()).label("student_missing")
    lost = select(links.c.line, links.c.student_siecle_id, links.c.guardian_siecle_id, student_missing).where(
        _any_of(list(missing.values()))
    )
    errors = updating.report.findings.errors
    found = updating.session.execute(lost.order_by(links.c.line, *keys.values()).limit(SENTENCES_KEPT)).all()
    for line, student, guardian, lacks_student in found:
        place = label if line is None else f"{label}, ligne {line}"
        lost_end = f"l'élève {student}" if lacks_student else f"le responsable {guardian}"
        errors.add(
            f"{place}, lien élève et responsable {student} {guardian}\u00a0: {lost_end} n'est dans aucun fichier, "
            "le lien n'a pas été repris.",
            LINK_TO_NOBODY,
        )
    if len(found) == SENTENCES_KEPT:
        total = updating.session.scalar(select(func.count()).select_from(lost.subquery())) or 0
        errors.add_unwritten(LINK_TO_NOBODY, total - SENTENCES_KEPT)


def _any_of(conditions: list[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *others = conditions
    for other in others:
        first |= other
    return first


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


def _forget_waiting_links(updating: Updating) -> None:
    updating.session.execute(delete(WaitingLink).where(WaitingLink.establishment_id == updating.establishment_id))


def _let_links_wait(updating: Updating) -> None:
    columns = ("student_siecle_id", *VALUES)
    waiting = (
        select(literal(updating.establishment_id), GUARDIAN.c.id, *(LINKS.c[name] for name in columns))
        .select_from(LINKS)
        .join(GUARDIAN, _is_present(updating, GUARDIAN, LINKS.c.guardian_siecle_id))
    )
    session = updating.session
    session.execute(insert(WaitingLink).from_select(["establishment_id", "guardian_id", *columns], waiting))
    _report_links_to_nobody(updating, LINKS, updating.staged.exports[FileKind.GUARDIANS].label, GUARDIAN)
    count = session.scalar(
        select(func.count()).select_from(WaitingLink).where(WaitingLink.establishment_id == updating.establishment_id)
    )
    if count:
        updating.report.findings.warnings.add(
            f"{count} {agreed(count, 'lien attend', 'liens attendent')} le fichier des élèves\u00a0: "
            "importez-le ensuite."
        )
