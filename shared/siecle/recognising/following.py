"""Links of students whose ELEVE_ID changed hands: the persons', or the keys' where the guardians' file is newer."""

from sqlalchemy import delete, select

from shared.database import insert_or
from shared.models.school import FileKind, Guardianship, LastExport, WaitingLink
from shared.siecle.recognising.changes import Changes
from shared.siecle.recognising.reading import lots, rows
from shared.siecle.updating.school_base import Updating

GUARDIANSHIP = Guardianship.__table__
VALUES = ("guardian_id", "legal_rank", "kinship_code", "pays_fees", "receives_aid")


def let_links_follow_keys(updating: Updating, changes: Changes) -> None:
    """Where the guardians' file came first, let the links that it gave wait for whoever has those ELEVE_ID now.

    Nothing is left of them where they were: a link that never was true must not tell later who a guardian is. The links
    of an older guardians' file are of the students as they were then: they stay with the persons (R31).
    """
    keys = {one.fiche_id: one.former_key for one in changes.followed}
    keys |= {one.fiche_id: one.key for one in changes.replaced}
    if not keys or not _links_are_newer(updating):
        return
    alive = select(GUARDIANSHIP.c.id, GUARDIANSHIP.c.student_id, *(GUARDIANSHIP.c[name] for name in VALUES))
    found = list(rows(updating, alive.where(GUARDIANSHIP.c.gone_at.is_(None)), GUARDIANSHIP.c.student_id, keys))
    waiting = [
        {"establishment_id": updating.establishment_id, "student_siecle_id": keys[row.student_id]}
        | {name: getattr(row, name) for name in VALUES}
        for row in found
    ]
    if waiting and FileKind.GUARDIANS not in updating.staged:
        updating.session.execute(insert_or(updating.session, WaitingLink).on_conflict_do_nothing(), waiting)
    for some in lots([row.id for row in found]):
        updating.session.execute(delete(Guardianship).where(Guardianship.id.in_(some)))


def _links_are_newer(updating: Updating) -> bool:
    last = dict(
        updating.session.execute(
            select(LastExport.kind, LastExport.exported_at).where(
                LastExport.establishment_id == updating.establishment_id
            )
        ).all()
    )
    guardians, students = last.get(FileKind.GUARDIANS), last.get(FileKind.STUDENTS)
    return guardians is not None and students is not None and guardians.date() > students.date()
