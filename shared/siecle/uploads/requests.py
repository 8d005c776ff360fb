"""Imports asked for in the back office: uploaded, checked by a dry run, confirmed by a person, then done (R29).

Every function takes the establishment: the import of another one is not found.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import Action
from shared.rows.ownership import RowsOfSchools
from shared.siecle.uploads.files import UploadedFile, store

__all__ = [
    "UploadNotFound",
    "UploadRefused",
    "UploadedFile",
    "abandon_forgotten_uploads",
    "abandon_upload",
    "confirm_upload",
    "create_upload",
    "find_upload",
    "list_uploads",
]

CHANGED_MEANWHILE = (
    "Ce que cet import ferait perdre a changé entre-temps\u00a0: relisez ce qui suit, et confirmez-le si c'est voulu."
)
TICK_LOSSES = "Cet import ferait perdre ce qui est dit en rouge\u00a0: cochez la case si c'est voulu, ou abandonnez-le."
FORGOTTEN_AFTER = timedelta(days=7)
"""How long files wait for a confirmation that does not come."""
NOT_BEGUN = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED, ImportState.CONFIRMED)


class UploadNotFound(Exception):
    """There is no such import in this establishment."""


_UPLOADS = RowsOfSchools(SchoolImport, UploadNotFound)


class UploadRefused(Exception):
    """The import is not in a state for this any more, or lacks a confirmation; the message says which."""


def create_upload(desk: Desk, var_dir: Path, files: Sequence[UploadedFile]) -> SchoolImport:
    """Store the files and leave them to be checked by the worker.

    Raises:
        ImportRefused: no file, too many, or too big.
    """
    folder, names = store(var_dir, files)
    upload = SchoolImport(
        establishment_id=desk.establishment_id,
        staff_id=desk.staff_id,
        state=ImportState.UPLOADED,
        file_names=names,
        folder=folder,
        created_at=desk.now,
    )
    desk.session.add(upload)
    desk.session.flush()
    _record(desk, Action.IMPORT_UPLOADED, upload)
    return upload


def find_upload(session: Session, establishment_id: int, upload_id: int) -> SchoolImport:
    """One import of the establishment.

    Raises:
        UploadNotFound: there is none, or it is another establishment's.
    """
    return _UPLOADS.find(session, establishment_id, upload_id, fresh=True)


def list_uploads(
    session: Session, establishment_id: int, *, before: int | None = None, limit: int = 20
) -> list[SchoolImport]:
    """The imports of the establishment, newest first, from the one before `before` on."""
    found = select(SchoolImport).where(SchoolImport.establishment_id == establishment_id)
    if before is not None:
        found = found.where(SchoolImport.id < before)
    return list(session.scalars(found.order_by(SchoolImport.id.desc()).limit(limit)))


def confirm_upload(desk: Desk, upload_id: int, *, accept_older: bool, accept_losses: str | None = None) -> SchoolImport:
    """Let the worker do the import that was checked; `accept_losses` is the mark of the losses that were confirmed.

    Raises:
        UploadNotFound: there is none in this establishment.
        UploadRefused: it does not wait for a confirmation; its files are older than those imported last, or it loses
            something (R32), and just that was not accepted.
    """
    upload = find_upload(desk.session, desk.establishment_id, upload_id)
    if upload.state is ImportState.CHECKED:
        _refuse_unless_accepted(upload.report or {}, accept_older, accept_losses)
    values = {
        "accept_older": accept_older,
        # Ours, which was accepted: what was typed may be anything.
        "accepted_losses": (upload.report or {}).get("losses_mark"),
        "records_read": 0,
        "staff_id": desk.staff_id,
    }
    if not _move(desk.session, upload, (ImportState.CHECKED,), ImportState.CONFIRMED, values):
        raise UploadRefused("Cet import n'attend pas de confirmation\u00a0: rechargez la page pour voir où il en est.")
    _record(desk, Action.IMPORT_CONFIRMED, upload)
    return upload


def _refuse_unless_accepted(report: Mapping[str, Any], accept_older: bool, accept_losses: str | None) -> None:
    older, mark = report.get("older", []), report.get("losses_mark")
    if older and not accept_older:
        raise UploadRefused(" ".join(older))
    if mark == accept_losses or not mark:
        return
    if accept_losses:
        raise UploadRefused(CHANGED_MEANWHILE)
    raise UploadRefused(TICK_LOSSES)


def abandon_upload(desk: Desk, upload_id: int) -> SchoolImport:
    """Give up an import that has not begun; its files are to be removed once this is committed (`remove`).

    Raises:
        UploadNotFound: there is none in this establishment.
        UploadRefused: it is under way, or over.
    """
    upload = find_upload(desk.session, desk.establishment_id, upload_id)
    if not _move(desk.session, upload, NOT_BEGUN, ImportState.ABANDONED, _given_up(desk.now)):
        raise UploadRefused("Cet import est commencé ou terminé\u00a0: il ne peut plus être abandonné.")
    _record(desk, Action.IMPORT_ABANDONED, upload)
    return upload


def abandon_forgotten_uploads(session: Session, now: datetime) -> int:
    """Give up, for a daily job, the imports that nobody confirmed; returns how many. `remove_leftovers` comes next."""
    forgotten = (
        update(SchoolImport)
        .where(SchoolImport.state == ImportState.CHECKED, SchoolImport.created_at < now - FORGOTTEN_AFTER)
        .values(state=ImportState.ABANDONED, **_given_up(now))
    )
    return cast("CursorResult[Any]", session.execute(forgotten)).rowcount


def _given_up(now: datetime) -> dict[str, Any]:
    # What the check found names persons, and is of no use any more.
    return {"finished_at": now, "leased_until": None, "report": None}


def _move(
    session: Session,
    upload: SchoolImport,
    origins: Sequence[ImportState],
    state: ImportState,
    values: dict[str, Any],
) -> bool:
    """Whether the import was still in one of `origins`, whatever others do at the same time, and so has moved."""
    moved = session.execute(
        update(SchoolImport)
        .where(SchoolImport.id == upload.id, SchoolImport.state.in_(origins))
        .values(state=state, **values)
        .execution_options(synchronize_session=False)
    )
    session.refresh(upload)
    return cast("CursorResult[Any]", moved).rowcount == 1


def _record(desk: Desk, action: Action, upload: SchoolImport) -> None:
    desk.note(action, subject=", ".join(upload.file_names), details={"import": upload.id})
