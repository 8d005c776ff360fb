"""An import from the back office: uploaded, checked, confirmed, done; killed workers, other schools, old files."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import Database
from shared.journal import Actor
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.journal import ActorKind, JournalEvent
from shared.models.notifications import DuplicatesMail
from shared.models.school import Establishment, Student
from shared.models.staff import Staff
from shared.siecle.report import ImportRefused
from shared.siecle.uploads import files as waiting_files
from shared.siecle.uploads import work
from shared.siecle.uploads.files import UploadedFile, remove, remove_leftovers
from shared.siecle.uploads.requests import (
    UploadNotFound,
    UploadRefused,
    abandon_forgotten_uploads,
    abandon_upload,
    confirm_upload,
    create_upload,
    find_upload,
    list_uploads,
)
from shared.siecle.uploads.work import due_uploads, work_on_upload
from tests.factories import at_desk, make_staff
from tests.siecle.conftest import NOW, Dump, Import
from tests.siecle.written import UAI, SchoolFiles, guardian, link, student, written

HOUR = timedelta(hours=1)
BASE = ("division", "student", "guardian", "guardianship", "waiting_link", "last_export")


@pytest.fixture
def actor(database: Database) -> Actor:
    with database.writing() as session:
        staff = Staff(login="a.hoarau", name="Anne Hoarau", password_hash="x", created_at=NOW)
        session.add(staff)
        session.flush()
        return Actor(ActorKind.STAFF, staff.name, staff.id, "192.0.2.1")


@pytest.fixture
def establishments(database: Database) -> list[int]:
    """Two schools: the one of the files, and another."""
    with database.writing() as session:
        made = [Establishment(uai=uai, name=uai, created_at=NOW) for uai in (UAI, "9740002B")]
        session.add_all(made)
        session.flush()
        return [establishment.id for establishment in made]


@pytest.fixture
def upload_id(
    database: Database, settings: Settings, establishments: list[int], actor: Actor, school: SchoolFiles
) -> int:
    """The files of the school, just uploaded."""
    return upload(database, settings, establishments[0], actor, *school.both())


def upload(database: Database, settings: Settings, establishment_id: int, actor: Actor, *paths: Path) -> int:
    files = [UploadedFile(path.name, BytesIO(path.read_bytes())) for path in paths]
    with database.writing() as session:
        return create_upload(at_desk(session, establishment_id, NOW, actor), settings.var_dir, files).id


def found(database: Database, upload_id: int) -> SchoolImport:
    with database.reading() as session:
        return session.get_one(SchoolImport, upload_id)


def confirm(database: Database, upload_id: int, actor: Actor, *, accept_older: bool = False) -> None:
    with database.writing() as session:
        establishment_id = session.get_one(SchoolImport, upload_id).establishment_id
        confirm_upload(at_desk(session, establishment_id, NOW, actor), upload_id, accept_older=accept_older)


def stored(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.var_dir / "imports").rglob("*") if path.is_file())


def test_an_upload_is_checked_then_imported_once_confirmed(
    database: Database, settings: Settings, upload_id: int, actor: Actor, dump: Dump
) -> None:
    before = dump()
    assert due_uploads(database, NOW) == [upload_id]
    work_on_upload(database, settings, upload_id)
    checked = found(database, upload_id)
    assert checked.state is ImportState.CHECKED
    assert checked.report is not None
    assert (checked.report["dry_run"], checked.report["students"]["created"]) == (True, 1)
    assert {table: dump()[table] for table in BASE} == {table: before[table] for table in BASE}
    assert due_uploads(database, NOW) == []

    confirm(database, upload_id, actor)
    assert due_uploads(database, NOW) == [upload_id]
    work_on_upload(database, settings, upload_id)
    done = found(database, upload_id)
    assert done.state is ImportState.DONE
    assert done.report is not None
    assert (done.report["dry_run"], done.report["students"]["created"]) == (False, 1)
    assert done.finished_at is not None
    assert stored(settings) == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Student)) == 1
        events = session.execute(select(JournalEvent.action, JournalEvent.actor_name).order_by(JournalEvent.id)).all()
    assert [tuple(event) for event in events] == [
        ("import_uploaded", "Anne Hoarau"),
        ("import_confirmed", "Anne Hoarau"),
        ("school_imported", "Anne Hoarau"),
    ]


def test_an_import_tells_of_the_duplicates_it_brought_once(
    database: Database, settings: Settings, establishments: list[int], actor: Actor, school: SchoolFiles
) -> None:
    with database.writing() as session:
        here, other = (session.get_one(Establishment, number) for number in establishments)
        make_staff(session, "chef", here, email="chef@exemple.fr")
        make_staff(session, "autre", other, email="autre@exemple.fr")
    twice = school.changed(guardians=[guardian(11), guardian(12)], links=[link(1, 11), link(1, 12, 0)])
    for _ in range(2):
        upload_id = upload(database, settings, here.id, actor, *twice.both())
        work_on_upload(database, settings, upload_id)
        confirm(database, upload_id, actor)
        work_on_upload(database, settings, upload_id)
        assert found(database, upload_id).state is ImportState.DONE
        with database.reading() as session:
            assert session.scalars(select(DuplicatesMail.recipient)).all() == ["chef@exemple.fr"]


def test_working_again_on_what_is_over_changes_nothing(
    database: Database, settings: Settings, upload_id: int, actor: Actor, dump: Dump
) -> None:
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    work_on_upload(database, settings, upload_id)
    once = dump()
    work_on_upload(database, settings, upload_id)
    assert dump() == once


def test_bad_files_are_refused_and_removed(
    database: Database, settings: Settings, establishments: list[int], actor: Actor, school: SchoolFiles
) -> None:
    other_school = school.changed(uai="9740002B").students_file()
    cut_short = written(school.folder / "coupe.xml", school.students_text()[:300])
    for path in (other_school, cut_short):
        bad = upload(database, settings, establishments[0], actor, path)
        work_on_upload(database, settings, bad)
        refused = found(database, bad)
        assert refused.state is ImportState.REFUSED
        assert refused.refusal is not None
        assert path.name in refused.refusal
        assert stored(settings) == []


def test_older_files_need_to_be_accepted(
    database: Database, settings: Settings, upload_id: int, actor: Actor, run_import: Import, school: SchoolFiles
) -> None:
    run_import(school.changed(stamp="20/09/2025 08:00:00").both(), now=NOW + timedelta(days=7))
    work_on_upload(database, settings, upload_id)
    with pytest.raises(UploadRefused, match="avant le dernier importé"):
        confirm(database, upload_id, actor)
    confirm(database, upload_id, actor, accept_older=True)
    work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).state is ImportState.DONE


def test_what_was_checked_and_became_older_meanwhile_is_refused(
    database: Database, settings: Settings, upload_id: int, actor: Actor, run_import: Import, school: SchoolFiles
) -> None:
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    run_import(school.changed(stamp="20/09/2025 08:00:00").both(), now=NOW + timedelta(days=7))
    work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).state is ImportState.REFUSED


def test_what_is_typed_for_the_losses_that_are_accepted_is_not_kept(
    database: Database, upload_id: int, establishments: list[int], actor: Actor
) -> None:
    with database.writing() as session:
        session.get_one(SchoolImport, upload_id).state = ImportState.CHECKED
        desk = at_desk(session, establishments[0], NOW, actor)
        confirm_upload(desk, upload_id, accept_older=False, accept_losses="x" * 5000)
    assert found(database, upload_id).accepted_losses is None


def test_another_school_finds_nothing(
    database: Database, upload_id: int, establishments: list[int], actor: Actor
) -> None:
    with database.writing() as session:
        assert [row.id for row in list_uploads(session, establishments[0])] == [upload_id]
        assert list_uploads(session, establishments[0], before=upload_id) == []
        assert list_uploads(session, establishments[1]) == []
        with pytest.raises(UploadNotFound):
            find_upload(session, establishments[1], upload_id)
        with pytest.raises(UploadNotFound):
            confirm_upload(at_desk(session, establishments[1], NOW, actor), upload_id, accept_older=True)
        with pytest.raises(UploadNotFound):
            abandon_upload(at_desk(session, establishments[1], NOW, actor), upload_id)
    assert found(database, upload_id).state is ImportState.UPLOADED


def test_only_what_was_checked_can_be_confirmed_and_only_once(
    database: Database, settings: Settings, upload_id: int, actor: Actor
) -> None:
    with pytest.raises(UploadRefused):
        confirm(database, upload_id, actor)
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    with pytest.raises(UploadRefused):
        confirm(database, upload_id, actor)


def test_an_abandoned_upload_is_never_imported(
    database: Database, settings: Settings, upload_id: int, establishments: list[int], actor: Actor
) -> None:
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    with database.writing() as session:
        abandoned = abandon_upload(at_desk(session, establishments[0], NOW, actor), upload_id)
    remove(settings.var_dir, abandoned.folder)
    assert stored(settings) == []
    assert due_uploads(database, NOW) == []
    work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).state is ImportState.ABANDONED
    with database.writing() as session, pytest.raises(UploadRefused):
        abandon_upload(at_desk(session, establishments[0], NOW, actor), upload_id)


def test_abandoning_stops_a_check_that_is_under_way(
    database: Database,
    settings: Settings,
    establishments: list[int],
    actor: Actor,
    school: SchoolFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = school.changed(students=[student(key) for key in range(1, 1_200)])
    upload_id = upload(database, settings, establishments[0], actor, *many.both())
    renew = work._Lease.renew
    read: list[int] = []

    def abandon_then_renew(lease: work._Lease, records_read: int) -> None:
        if not read:
            with database.writing() as session:
                abandon_upload(at_desk(session, establishments[0], NOW, actor), upload_id)
        read.append(records_read)
        renew(lease, records_read)

    monkeypatch.setattr(work._Lease, "renew", abandon_then_renew)
    work_on_upload(database, settings, upload_id)
    assert read == [500]
    assert found(database, upload_id).state is ImportState.ABANDONED


def test_progress_is_seen_by_others(
    database: Database,
    settings: Settings,
    establishments: list[int],
    actor: Actor,
    school: SchoolFiles,
) -> None:
    many = school.changed(students=[student(key) for key in range(1, 1_200)])
    upload_id = upload(database, settings, establishments[0], actor, *many.both())
    work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).records_read == 1_000


@pytest.mark.parametrize("state", [ImportState.CHECKING, ImportState.IMPORTING])
def test_a_worker_takes_over_only_once_the_lease_has_run_out(
    database: Database, settings: Settings, upload_id: int, state: ImportState
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        with database.writing() as session:
            session.execute(update(SchoolImport).values(state=state, leased_until=NOW + HOUR))
        assert due_uploads(database, NOW) == []
        work_on_upload(database, settings, upload_id)
        assert found(database, upload_id).state is state
        clock.shift(2 * HOUR)
        assert due_uploads(database, NOW + 2 * HOUR) == [upload_id]
        work_on_upload(database, settings, upload_id)
    ended = ImportState.CHECKED if state is ImportState.CHECKING else ImportState.DONE
    assert found(database, upload_id).state is ended


def test_a_worker_that_lost_its_lease_changes_nothing(
    database: Database, settings: Settings, upload_id: int, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept so long that another one did the whole import; its own is undone, to the journal."""
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    run = work.import_files

    def fall_asleep_then_import(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(work, "import_files", run)
        with database.writing() as session:
            session.execute(update(SchoolImport).values(leased_until=NOW - HOUR))
        work_on_upload(database, settings, upload_id)
        return run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "import_files", fall_asleep_then_import)
    work_on_upload(database, settings, upload_id)
    with database.reading() as session:
        imported = select(func.count()).select_from(JournalEvent).where(JournalEvent.action == "school_imported")
        assert session.scalar(imported) == 1
    assert found(database, upload_id).state is ImportState.DONE


def test_two_workers_that_begin_at_the_same_instant_are_two(
    database: Database, settings: Settings, upload_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = work.import_files

    def be_taken_over_then_import(*arguments: object, **options: object) -> object:
        with database.writing() as session:
            session.execute(update(SchoolImport).values(leased_until=NOW - HOUR))
        assert work._claim(database, upload_id) is not None
        return run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "import_files", be_taken_over_then_import)
    with time_machine.travel(NOW, tick=False):
        work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).state is ImportState.CHECKING


def test_a_worker_that_outlived_its_lease_goes_on_when_nobody_took_over(
    database: Database, settings: Settings, upload_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = work.import_files

    def take_long(*arguments: object, **options: object) -> object:
        with database.writing() as session:
            session.execute(update(SchoolImport).values(leased_until=NOW - HOUR))
        return run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "import_files", take_long)
    work_on_upload(database, settings, upload_id)
    assert found(database, upload_id).state is ImportState.CHECKED


KILLED_WORKER = """
import os, signal, sys
from pathlib import Path
from shared.config import Settings
from shared.database import Database
from shared.siecle import importing
from shared.siecle.uploads import work as upload_work

var_dir, url, upload_id, moment = sys.argv[1:]
def die(*_arguments, **_options):
    os.kill(os.getpid(), signal.SIGKILL)
if moment == "reading":
    upload_work._Lease.renew = die
elif moment == "changing":
    importing.note_exports = die
else:
    upload_work.remove = die
upload_work.work_on_upload(Database(url), Settings(var_dir=Path(var_dir)), int(upload_id))
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["reading", "changing", "just committed"])
def test_an_import_killed_at_any_moment_is_done_once(
    database: Database,
    database_url: str,
    settings: Settings,
    establishments: list[int],
    actor: Actor,
    school: SchoolFiles,
    moment: str,
) -> None:
    many = school.changed(students=[student(key) for key in range(1, 600)])
    upload_id = upload(database, settings, establishments[0], actor, *many.both())
    work_on_upload(database, settings, upload_id)
    confirm(database, upload_id, actor)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WORKER, str(settings.var_dir), database_url, str(upload_id), moment], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with time_machine.travel(datetime.now(UTC) + HOUR):
        for due in due_uploads(database, datetime.now(UTC)):
            work_on_upload(database, settings, due)
        with database.reading() as session:
            remove_leftovers(session, settings.var_dir, datetime.now(UTC))
    done = found(database, upload_id)
    assert done.state is ImportState.DONE
    assert done.report is not None
    assert done.report["students"]["created"] == 599
    assert stored(settings) == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Student)) == 599
        imported = select(func.count()).select_from(JournalEvent).where(JournalEvent.action == "school_imported")
        assert session.scalar(imported) == 1


@pytest.mark.slow
@pytest.mark.runs_on("postgresql")
def test_files_that_kill_the_worker_each_time_are_refused_in_the_end(
    database: Database,
    database_url: str,
    settings: Settings,
    establishments: list[int],
    actor: Actor,
    school: SchoolFiles,
) -> None:
    many = school.changed(students=[student(key) for key in range(1, 600)])
    upload_id = upload(database, settings, establishments[0], actor, *many.both())
    command = [sys.executable, "-c", KILLED_WORKER, str(settings.var_dir), database_url, str(upload_id), "reading"]
    for _ in range(work.MOST_ATTEMPTS):
        assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
        with database.writing() as session:
            session.execute(update(SchoolImport).values(leased_until=NOW - HOUR))
    assert subprocess.run(command, check=False).returncode == 0
    refused = found(database, upload_id)
    assert refused.state is ImportState.REFUSED
    assert "interrompu trois fois" in (refused.refusal or "")
    assert stored(settings) == []
    assert due_uploads(database, datetime.now(UTC)) == []


NAMES = {
    "../../../etc/passwd": "passwd",
    "C:\\Users\\moi\\Élèves 6e.zip": "Élèves_6e.zip",
    ".profile": "profile",
    "..": "fichier",
    "": "fichier",
    "a\x00b.xml": "a_b.xml",
    "x" * 300: "x" * 100,
    "é" * 300 + ".xml": "é" * 96 + ".xml",
    "\U00020000" * 300 + ".xml": "\U00020000" * 49 + ".xml",
    "e\u0301le\u0300ves.xml": "élèves.xml",
    "\u202elmx.eleves": "_lmx.eleves",
    "a\udcffb.xml": "a_b.xml",
    "ligne\r\nde plus.xml": "ligne_de_plus.xml",
    "." * 300: "fichier",
}
"""Names that browsers, or those who write requests themselves, may give; and what is made of them."""


def test_names_of_files_cannot_leave_their_folder(
    database: Database, settings: Settings, establishments: list[int], actor: Actor
) -> None:
    files = [UploadedFile(name or "/", BytesIO(b"<a/>")) for name in NAMES]
    with database.writing() as session:
        made = create_upload(at_desk(session, establishments[0], NOW, actor), settings.var_dir, files)
        assert made.file_names == list(NAMES.values())
        paths = waiting_files.paths_of(settings.var_dir, made)
    folder = settings.var_dir / "imports" / made.folder
    assert all(path.is_file() and path.resolve().is_relative_to(folder.resolve()) for path in paths)
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("count", [0, 21])
def test_no_file_or_too_many_are_refused(
    session: Session, settings: Settings, establishments: list[int], actor: Actor, count: int
) -> None:
    files = [UploadedFile("a.xml", BytesIO(b"<a/>")) for _ in range(count)]
    with pytest.raises(ImportRefused):
        create_upload(at_desk(session, establishments[0], NOW, actor), settings.var_dir, files)


def test_a_file_that_is_too_big_is_refused_and_leaves_nothing(
    session: Session,
    settings: Settings,
    establishments: list[int],
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting_files, "UPLOADED_BYTES", 100)
    files = [UploadedFile("a.xml", BytesIO(b"a" * 60)), UploadedFile("b.xml", BytesIO(b"b" * 60))]
    with pytest.raises(ImportRefused, match="trop gros"):
        create_upload(at_desk(session, establishments[0], NOW, actor), settings.var_dir, files)
    assert stored(settings) == []


def test_files_that_nobody_confirms_do_not_stay(database: Database, settings: Settings, upload_id: int) -> None:
    work_on_upload(database, settings, upload_id)
    for days, abandoned, left in ((6, 0, 2), (8, 1, 0)):
        later = NOW + timedelta(days=days)
        with database.writing() as session:
            assert abandon_forgotten_uploads(session, later) == abandoned
            remove_leftovers(session, settings.var_dir, later)
        assert len(stored(settings)) == left


def test_files_whose_upload_never_came_to_be_do_not_stay(database: Database, settings: Settings) -> None:
    folder, _names = waiting_files.store(settings.var_dir, [UploadedFile("a.xml", BytesIO(b"<a/>"))])
    age = datetime.now(UTC).timestamp()
    with database.reading() as session:
        assert remove_leftovers(session, settings.var_dir, datetime.now(UTC)) == 0
        os.utime(settings.var_dir / "imports" / folder, (age - 100_000, age - 100_000))
        assert remove_leftovers(session, settings.var_dir, datetime.now(UTC)) == 1
    assert stored(settings) == []
