"""What is written on the disk is for its owner alone, in whatever folder (families' data, sealed passwords)."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.database import Database
from shared.duplicates.pairs.daily_file import write_daily_files
from shared.siecle.uploads.files import UploadedFile, store
from shared.worker.bells import ring_mails
from tests.factories import NOW, make_establishment

OWNER_ONLY = 0o600


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    """The one that most systems give: everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """A folder that was there before, and that everybody may enter."""
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    return folder


def modes(folder: Path) -> dict[str, int]:
    """The rights of each file in `folder` and below."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}


def command(folder: Path, *arguments: str) -> None:
    """Run the command as a person would."""
    run = [sys.executable, "-m", "shared.cli", *arguments]
    subprocess.run(run, check=True, env=os.environ | {"VAR_DIR": str(folder)}, capture_output=True)


@pytest.mark.slow
def test_commands_write_for_their_owner_alone(open_folder: Path) -> None:
    command(open_folder, "init-db")
    command(open_folder, "make-siecle", str(open_folder / "exports"), "--students", "3")
    written = modes(open_folder)
    assert "teleservices.db" in written
    assert len(written) > 3
    assert set(written.values()) == {OWNER_ONLY}


@pytest.mark.slow
def test_files_of_the_versions_before_are_taken_from_the_others(open_folder: Path) -> None:
    command(open_folder, "init-db")
    for name, mode in (("teleservices.db", 0o664), ("queue.db", 0o644)):
        (open_folder / name).touch()
        (open_folder / name).chmod(mode)
    command(open_folder, "init-db")
    # What a group was given on purpose stays.
    assert modes(open_folder) == {"teleservices.db": 0o660, "queue.db": 0o640}


def test_a_database_and_a_queue_are_private_whoever_makes_them(open_folder: Path, settings: Settings) -> None:
    Database(f"sqlite:///{open_folder / 'made.db'}").engine.connect().close()
    ring_mails(Settings(**(settings.model_dump() | {"var_dir": open_folder})))
    assert {"made.db", "queue.db"} <= set(modes(open_folder))
    assert set(modes(open_folder).values()) == {OWNER_ONLY}


def test_uploads_are_private_in_a_folder_that_is_open(open_folder: Path) -> None:
    (open_folder / "imports").mkdir(mode=0o755)
    folder, _names = store(open_folder, [UploadedFile("eleves.xml", BytesIO(b"<a/>"))])
    assert modes(open_folder) == {"eleves.xml": OWNER_ONLY}
    assert stat.S_IMODE((open_folder / "imports" / folder).stat().st_mode) == 0o700


@pytest.mark.parametrize(("of_folder", "of_file"), [(0o700, 0o600), (0o750, 0o640), (0o2770, 0o660)])
def test_the_daily_file_is_read_by_whom_its_folder_is_for(
    session: Session, tmp_path: Path, of_folder: int, of_file: int
) -> None:
    make_establishment(session)
    (tmp_path / "scribe").mkdir()
    (tmp_path / "scribe").chmod(of_folder)
    os.umask(0o077)
    assert write_daily_files(session, tmp_path / "scribe", NOW.date()) == 1
    assert set(modes(tmp_path / "scribe").values()) == {of_file}
