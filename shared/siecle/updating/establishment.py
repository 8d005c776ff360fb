"""The establishment that files are of, and the dates of the last ones imported."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.school import Establishment, FileKind, LastExport
from shared.siecle.files.export_files import Export
from shared.siecle.losses import school_year_of
from shared.siecle.reading.records import SchoolRecord

OF_HEAD = {"head_civility", "head_name"}


def establish(session: Session, uai: str, school: SchoolRecord | None, now: datetime) -> Establishment:
    """The establishment, locked until the transaction ends, created the first time, as the communs describe it.

    Without communs a new one is called by its UAI, and a known one stays as it is.
    """
    _create_if_unknown(session, uai, now)
    found = select(Establishment).where(Establishment.uai == uai).with_for_update()
    establishment = session.execute(found).scalar_one()
    if school is not None:
        for name, value in school._asdict().items():
            # What the académie corrected stays, but the name of the head.
            if value is not None and (establishment.corrected_at is None or name in OF_HEAD):
                setattr(establishment, name, value)
    session.flush()
    return establishment


def _create_if_unknown(session: Session, uai: str, now: datetime) -> None:
    values = {"uai": uai, "name": uai, "created_at": now}
    session.execute(insert_or(session, Establishment).values(values).on_conflict_do_nothing())


def sentences_about_older_files(
    session: Session, establishment_id: int, exports: Mapping[FileKind, Export]
) -> list[str]:
    """One sentence for each file exported before the last one of its kind that was imported."""
    last = dict(
        session.execute(
            select(LastExport.kind, LastExport.exported_at).where(LastExport.establishment_id == establishment_id)
        ).all()
    )
    return [
        f"Le fichier {export.label} a été exporté le {_written(export.exported_at)}, avant le dernier importé "
        f"(du {_written(last[kind])})\u00a0: prenez le plus récent, ou confirmez que vous voulez l'ancien."
        for kind, export in exports.items()
        if export.exported_at is not None and kind in last and export.exported_at < last[kind]
    ]


def school_year_known(session: Session, establishment_id: int) -> int | None:
    """The latest school year of the files imported so far; of one that does not say it, that of its date if sure."""
    rows = session.execute(
        select(LastExport.school_year, LastExport.exported_at).where(LastExport.establishment_id == establishment_id)
    )
    years = [year or school_year_of(None, exported_at.date()) for year, exported_at in rows]
    return max((year for year in years if year is not None), default=None)


def _written(instant: datetime) -> str:
    return f"{instant:%d/%m/%Y à %H:%M:%S}"


def note_exports(session: Session, establishment_id: int, exports: Mapping[FileKind, Export], now: datetime) -> None:
    """Remember the date of each file."""
    for kind, export in exports.items():
        if export.exported_at is not None:
            session.merge(
                LastExport(
                    establishment_id=establishment_id,
                    kind=kind,
                    exported_at=export.exported_at,
                    imported_at=now,
                    school_year=export.school_year,
                )
            )
