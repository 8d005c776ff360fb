"""The fiches that staff treat, read with the establishment locked, and a mark of what they were shown (R13)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.duplicates.standing.errors import AlreadyTreated, FichesChanged, FichesNotFound
from shared.duplicates.standing.records import Fiche
from shared.duplicates.standing.replay import read_fiches
from shared.models.school import Establishment, FileKind, Guardian, LastExport

TREATED_SINCE = "treated"
"""In the place of the version that compared the fiches: no version, so that each of them compares them at night."""


def lock_establishment(session: Session, establishment_id: int) -> None:
    """Wait for imports, generations and other treatments of the establishment, and let them wait."""
    session.execute(select(Establishment.id).where(Establishment.id == establishment_id).with_for_update()).one()


def note_changed(session: Session, establishment_id: int) -> None:
    """Note that fiches changed, so that duplicates are looked for again; the establishment is locked."""
    session.execute(
        update(Establishment).where(Establishment.id == establishment_id).values(compared_by=None),
        execution_options={"synchronize_session": False},
    )


def note_treated(session: Session, establishment_id: int) -> None:
    """Note that staff fused fiches, or told them apart: all are compared again at night, and none is waited for.

    What is left to treat is known meanwhile, unless other fiches changed too. The establishment is locked.
    """
    session.execute(
        update(Establishment)
        .where(Establishment.id == establishment_id, Establishment.compared_by.is_not(None))
        .values(compared_by=TREATED_SINCE),
        execution_options={"synchronize_session": False},
    )


def find_guardians(session: Session, establishment_id: int, guardian_ids: Collection[int]) -> list[Guardian]:
    """These fiches, in the order of their numbers.

    Raises:
        FichesNotFound: one of them is another establishment's, or there is none.
    """
    wanted = set(guardian_ids)
    found = session.scalars(
        select(Guardian)
        .where(Guardian.id.in_(wanted), Guardian.establishment_id == establishment_id)
        .order_by(Guardian.id),
        execution_options={"populate_existing": True},
    ).all()
    if len(found) != len(wanted):
        raise FichesNotFound
    return list(found)


def last_import_of_guardians(session: Session, establishment_id: int) -> datetime | None:
    """When the last file of guardians was written, by the clocks of the school; none before the first."""
    return session.scalar(
        select(LastExport.exported_at).where(
            LastExport.establishment_id == establishment_id, LastExport.kind == FileKind.GUARDIANS
        )
    )


def marks_of(session: Session, guardians: Sequence[Guardian]) -> dict[int, str]:
    """For each of these fiches, a mark that changes when anything that was shown of it does."""
    fiches = read_fiches(session, [guardian.id for guardian in guardians])
    return {
        one.id: hashlib.sha256(repr((one.account_id, _written(fiches[one.id]))).encode()).hexdigest()[:16]
        for one in guardians
    }


def refuse_unless_as_shown(session: Session, guardians: Sequence[Guardian], seen: Mapping[int, str] | None) -> None:
    """Tell whoever decides on something else than what was shown; `seen` is none where nothing was.

    Raises:
        AlreadyTreated: one of them was absorbed, or left, in between.
        FichesChanged: they are no longer as shown.
    """
    if any(guardian.gone_at is not None for guardian in guardians):
        raise AlreadyTreated
    if seen is not None and any(seen.get(number) != mark for number, mark in marks_of(session, guardians).items()):
        raise FichesChanged


def _written(fiche: Fiche) -> tuple[object, ...]:
    links = sorted((link.student_id, sorted(link.values.items()), link.gone_at) for link in fiche.links.values())
    return (sorted(fiche.columns.items()), links)
