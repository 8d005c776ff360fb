"""The worker's part in the imports of the back office: the dry run, then the import, each under a lease.

A worker that is killed leaves a lease that runs out; the next one starts the same step again. The import and its
report are committed together, so that no import is done twice.
"""

import logging
import time
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.apart import DiedOfIt, work_apart
from shared.clock import now as current_time
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM, Actor
from shared.logs.configuration import configure
from shared.logs.discretion import where
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import ActorKind
from shared.models.school import Establishment
from shared.models.staff import Staff
from shared.rows.holding import nothing_is_held
from shared.rows.leases import LEASE, LeaseLost, write_held
from shared.siecle.asked import Asked, Bounds, Steps
from shared.siecle.effects.asking import LossesNotAccepted
from shared.siecle.effects.history import name_upload
from shared.siecle.files.memory import TOO_MUCH, bounded
from shared.siecle.importing import import_files
from shared.siecle.report import ImportRefused, ImportReport
from shared.siecle.uploads.files import paths_of, remove

MOST_ATTEMPTS = 3
"""How often a step that kills whoever does it is begun."""
WORN_OUT = (
    "Cet import a été interrompu trois fois avant la fin\u00a0: rien n'a été changé. Les fichiers sont sans doute trop "
    "gros ou abîmés. Exportez-les de nouveau depuis SIECLE et renvoyez-les\u00a0; si cela recommence, signalez-le à "
    "l'assistance, avec le numéro de cet import."
)

STEPS = {ImportState.UPLOADED: ImportState.CHECKING, ImportState.CONFIRMED: ImportState.IMPORTING}
"""The states that wait for the worker, and those in which it works."""

log = logging.getLogger(__name__)


def due_uploads(database: Database, now: datetime) -> list[int]:
    """The imports that may begin, oldest first: never begun, or left by one that died; none while they are held."""
    with database.reading() as session:
        due = select(SchoolImport.id).where(_is_due(now), nothing_is_held())
        return list(session.scalars(due.order_by(SchoolImport.id)))


def _is_due(now: datetime) -> ColumnElement[bool]:
    left = and_(SchoolImport.state.in_(STEPS.values()), SchoolImport.leased_until < now)
    return or_(SchoolImport.state.in_(STEPS), left)


def work_on_upload_apart(database: Database, settings: Settings, upload_id: int) -> None:
    """Do the next step of an import in a process of its own, whose files can kill nobody but itself.

    An edge: it opens its own transactions. Safe to call twice, at once or after a crash.
    """
    with database.reading() as session:
        begun = session.get_one(SchoolImport, upload_id).attempts + 1
    began = time.monotonic()
    try:
        work_apart(_work_within_bounds, settings, upload_id)
        log.info("a step of import %s ended after %.1f s", upload_id, time.monotonic() - began)
    except DiedOfIt as died:
        log.warning("import %s ended its process: %s", upload_id, died)
        _refuse_what_killed(database, settings, upload_id, begun)


def _work_within_bounds(settings: Settings, upload_id: int) -> None:
    """What the other process does."""
    configure()
    work_on_upload(Database(settings.database), settings, upload_id, bounds=bounded)


def _refuse_what_killed(database: Database, settings: Settings, upload_id: int, begun: int) -> None:
    # Its attempts tell that nobody took it over meanwhile.
    with database.writing() as session:
        upload = session.scalars(
            select(SchoolImport)
            .where(SchoolImport.id == upload_id, SchoolImport.state.in_(STEPS.values()), SchoolImport.attempts == begun)
            .with_for_update()
        ).one_or_none()
        if upload is None:
            return
        upload.state, upload.refusal = ImportState.REFUSED, TOO_MUCH
        upload.leased_until, upload.finished_at, upload.attempts = None, current_time(), 0
        folder = upload.folder
    remove(settings.var_dir, folder)


def work_on_upload(database: Database, settings: Settings, upload_id: int, bounds: Bounds = nullcontext) -> None:
    """Do the next step of an import, if nobody else is at it: the check of what was uploaded, or the import confirmed.

    An edge: it opens its own transactions. Safe to call twice, at once or after a crash.
    """
    lease = _claim(database, upload_id)
    if lease is None:
        return
    try:
        ended = _refuse(lease, WORN_OUT) if lease.is_worn_out else _do(lease, settings, bounds)
    except LeaseLost:
        log.info("import %s was taken over or abandoned", upload_id)
        return
    if ended:
        remove(settings.var_dir, lease.folder)


class _Lease:
    """This worker's hold on one step of one import, which the number of this attempt at the step identifies.

    Renewed every few hundred records; the longest silence is the change of the base itself. A worker that outlives its
    lease goes on, unless another one began the step again meanwhile.
    """

    def __init__(self, database: Database, upload: SchoolImport, uai: str, actor: Actor) -> None:
        self.database = database
        self.upload = upload
        self.uai = uai
        self.actor = actor
        self.state = upload.state
        self.folder = upload.folder
        self._attempt = upload.attempts

    @property
    def is_worn_out(self) -> bool:
        """Whether the step was begun so often, without ever ending, that it must be what ends the workers."""
        return self._attempt > MOST_ATTEMPTS

    def renew(self, records_read: int) -> None:
        """Tell how far the reading is, and hold on for another while.

        Raises:
            LeaseLost: the import is not this worker's any more.
        """
        with self.database.writing() as session:
            self._write(session, {"records_read": records_read, "leased_until": current_time() + LEASE})

    def settle(self, session: Session, state: ImportState, **values: Any) -> None:  # noqa: ANN401 - columns of the row
        """Leave the import in `state`, in the caller's transaction.

        Raises:
            LeaseLost: the import is not this worker's any more.
        """
        ended = None if state is ImportState.CHECKED else current_time()
        done = {"state": state, "leased_until": None, "finished_at": ended, "attempts": 0}
        self._write(session, {**done, **values})

    def _write(self, session: Session, values: dict[str, Any]) -> None:
        mine = (SchoolImport.state == self.state, SchoolImport.attempts == self._attempt)
        write_held(session, SchoolImport, [self.upload.id], mine, values)


def _claim(database: Database, upload_id: int) -> _Lease | None:
    now = current_time()
    with database.writing() as session:
        upload = session.scalars(
            select(SchoolImport)
            .where(SchoolImport.id == upload_id, _is_due(now), nothing_is_held())
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if upload is None:
            return None
        upload.state = STEPS.get(upload.state, upload.state)
        upload.leased_until = now + LEASE
        upload.attempts += 1
        establishment = session.get_one(Establishment, upload.establishment_id)
        staff = session.get(Staff, upload.staff_id) if upload.staff_id else None
        actor = SYSTEM if staff is None else Actor(ActorKind.STAFF, staff.name, staff.id)
        return _Lease(database, upload, establishment.uai, actor)


def _do(lease: _Lease, settings: Settings, bounds: Bounds) -> bool:
    step = _check if lease.state is ImportState.CHECKING else _import
    return step(lease, settings, bounds)


def _check(lease: _Lease, settings: Settings, bounds: Bounds) -> bool:
    """The dry run; whether the import ended with it."""
    try:
        report = _run(lease, settings, bounds, dry_run=True)
    except ImportRefused as refused:
        return _refuse(lease, str(refused))
    with lease.database.writing() as session:
        lease.settle(session, ImportState.CHECKED, report=report.as_json())
    return False


def _import(lease: _Lease, settings: Settings, bounds: Bounds) -> bool:
    """The import itself; whether it ended: where it would lose other things by now, it waits to be confirmed again."""
    try:
        _run(lease, settings, bounds, dry_run=False)
    except LossesNotAccepted as refused:
        report = {**refused.report.as_json(), "dry_run": True, "changed_meanwhile": True}
        with lease.database.writing() as session:
            lease.settle(session, ImportState.CHECKED, report=report)
        return False
    except ImportRefused as refused:
        return _refuse(lease, str(refused))
    return True


def _run(lease: _Lease, settings: Settings, bounds: Bounds, *, dry_run: bool) -> ImportReport:
    started = current_time()

    def settle_with_the_import(session: Session, report: ImportReport) -> None:
        lease.settle(session, ImportState.DONE, report=report.as_json(with_names=False))
        name_upload(session, report.run_id, lease.upload.id)

    asked = Asked(
        actor=lease.actor,
        now=started,
        uai=lease.uai,
        # The check tells that files are older; who confirms decides.
        accept_older=dry_run or lease.upload.accept_older,
        accept_losses=lease.upload.accepted_losses or False,
        time_zone=settings.time_zone,
        dry_run=dry_run,
        announce=True,
    )
    try:
        return import_files(
            lease.database,
            paths_of(settings.var_dir, lease.upload),
            asked,
            Steps(progress=lease.renew, on_applied=settle_with_the_import, bounds=bounds),
        )
    except (ImportRefused, LeaseLost, OperationalError):
        # A database that is away comes back: the lease runs out, and the step is done again.
        raise
    except Exception as error:
        log.error("import %s failed: %s", lease.upload.id, where(error))
        raise ImportRefused(
            "Une erreur inattendue a arrêté l'import\u00a0: rien n'a été changé. "
            "Signalez-la à l'assistance, avec le numéro de cet import\u00a0: elle est notée dans le journal du serveur."
        ) from error


def _refuse(lease: _Lease, reason: str) -> bool:
    with lease.database.writing() as session:
        lease.settle(session, ImportState.REFUSED, refusal=reason[:2000])
    return True
