"""The file of likely duplicates that an establishment reads every day (R14)."""

import os
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.duplicates.pairs.queries import Pair, likely_duplicates, referred_duplicates
from shared.models.fusions import Referral
from shared.models.school import Establishment, Guardian
from shared.private_files import as_shared_as_folder
from shared.spreadsheets import Sheet, csv_lines

KEPT_FOR = timedelta(days=30)
_HEADER = (
    "PERSONNE_ID 1",
    "Nom 1",
    "Prénom 1",
    "PERSONNE_ID 2",
    "Nom 2",
    "Prénom 2",
    "Confiance",
    "Pourquoi",
    "Contre",
    "Suite donnée",
)
REFERRALS = {
    Referral.PARENT: "Même personne, à fusionner par le parent",
    Referral.SIECLE: "À corriger dans SIECLE",
}


def listed_duplicates(session: Session, establishment_id: int) -> list[Pair]:
    """What the file lists: the pairs to treat, in that order, then those left to the parent or to SIECLE."""
    untreated = likely_duplicates(session, establishment_id, limit=None)
    return untreated + referred_duplicates(session, establishment_id)


def duplicates_sheet(pairs: Iterable[Pair]) -> Sheet:
    """The pairs, in their order."""
    return Sheet(_HEADER, [_row(pair) for pair in pairs])


def duplicates_csv(pairs: Iterable[Pair]) -> bytes:
    """The same as French spreadsheets want it: `;`, a byte order mark, nothing they would compute."""
    return b"".join(csv_lines([_HEADER, *map(_row, pairs)]))


def write_daily_files(session: Session, folder: Path, today: date) -> int:
    """Write today's file of every establishment in `folder`, whole or not at all, and remove those over 30 days old.

    Returns how many were written. An establishment without likely duplicates has a file with its header only: whoever
    waits for it sees that the job ran.
    """
    folder.mkdir(parents=True, exist_ok=True)
    establishments = session.execute(select(Establishment.id, Establishment.uai).order_by(Establishment.uai)).all()
    for establishment_id, uai in establishments:
        pairs = listed_duplicates(session, establishment_id)
        _write_whole(folder / f"doublons_{uai}_{today.isoformat()}.csv", duplicates_csv(pairs))
        _remove_old(folder, uai, today)
    return len(establishments)


def _row(pair: Pair) -> list[str]:
    confidence = f"{pair.confidence:.0%}".replace("%", " %")
    referral = REFERRALS[pair.referral] if pair.referral else ""
    told = [confidence, ", ".join(pair.reasons), ", ".join(pair.against), referral]
    return [*_person(pair.first), *_person(pair.second), *told]


def _person(guardian: Guardian) -> list[str]:
    return [guardian.shown_key, guardian.last_name, guardian.first_name]


def _write_whole(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # The server that takes them away is somebody else on the machine: who sees the folder sees the files.
    as_shared_as_folder(unfinished)
    unfinished.replace(path)


def _remove_old(folder: Path, uai: str, today: date) -> None:
    oldest_kept = f"doublons_{uai}_{(today - KEPT_FOR).isoformat()}.csv"
    for path in folder.glob(f"doublons_{uai}_*.csv"):
        if path.name < oldest_kept:
            path.unlink()
