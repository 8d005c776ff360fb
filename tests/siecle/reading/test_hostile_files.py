"""Files made to take the memory or the time of the server: each is refused or passed over, and costs little."""

import io
import os
import resource
import signal
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from shared.apart import DiedOfIt, work_apart
from shared.config import Settings
from shared.database import Database
from shared.models.imports.uploads import ImportState
from shared.siecle.asked import Asked, Steps
from shared.siecle.files import memory, opening
from shared.siecle.files.opening import open_sources
from shared.siecle.files.prolog import read_prolog
from shared.siecle.report import ImportRefused
from shared.siecle.uploads import work
from shared.siecle.uploads.work import due_uploads, work_on_upload_apart
from tests.siecle.conftest import NOW
from tests.siecle.reading.hostile import KINDS, MIB, write_hostile
from tests.siecle.uploads.test_uploads import actor, establishments, found, stored, upload, upload_id  # noqa: F401 - fixtures
from tests.siecle.written import SchoolFiles

BYTES = 12 * MIB
GROWTH_MIB = 40
"""Of the process that reads, beyond an ordinary import: ten or so; each kind took ninety before what is thrown away was
let go of."""
PROCESSOR_SECONDS = 300
"""For all of them; each takes two at most, and the one that was never over is among them."""


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_file_takes_much_memory_or_time(tmp_path: Path, database_url: str) -> None:
    files = [write_hostile(tmp_path / f"{number}.xml", kind, BYTES) for number, kind in enumerate(KINDS)]
    program = [sys.executable, "-m", "tests.siecle.reading.hostile", database_url, *map(str, files)]
    read = subprocess.run(program, capture_output=True, text=True, check=False, preexec_fn=_limited)
    grown = dict(zip(KINDS, (int(line.partition("\t")[0]) for line in read.stdout.splitlines()), strict=False))
    assert list(grown) == list(KINDS), read.stderr
    assert {kind: growth for kind, growth in grown.items() if growth > GROWTH_MIB} == {}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))


def test_comments_before_the_root_are_passed_over_in_one_pass() -> None:
    """443 bytes of them held the worker for ever."""
    comments = b'<?xml version="1.0"?>' + b"<!---->" * 9_000
    assert read_prolog(comments + b"<1") is None
    prolog = read_prolog(comments + b"\n<?a b?> <BEE_ELEVES>")
    assert prolog is not None
    assert (prolog.root, prolog.encoding) == ("BEE_ELEVES", None)


def _zip_of_many(path: Path, count: int) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.xml", "<a/>")
    return path


def test_a_zip_of_very_many_files_is_refused_before_its_directory_is_read(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="trop de fichiers"):
        open_sources([_zip_of_many(tmp_path / "many.zip", opening.ENTRIES_IN_ZIP + 1)])
    with pytest.raises(ImportRefused, match="abîmé"):
        open_sources([_zip_of_many(tmp_path / "too-many.zip", 6_000)])


def test_a_zip_with_a_file_without_a_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "nameless.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("a"), "<a/>")
        archive.infolist()[0].filename = ""
    with pytest.raises(ImportRefused, match="abîmé"):
        open_sources([tmp_path / "nameless.zip"])


def test_many_zips_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="zips compris"):
        open_sources([_zip_of_many(tmp_path / f"{number}.zip", 16) for number in range(2)])


def test_files_too_big_together_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "EXPANDED_AT_ONCE", 7)
    with pytest.raises(ImportRefused, match="une fois décompressés"):
        open_sources([_zip_of_many(tmp_path / "two.zip", 2)])


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    with pytest.raises(ImportRefused, match="ne contient aucun fichier XML"):
        open_sources([tmp_path / "outer.zip"])


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_compression_that_takes_what_memory_it_pleases_is_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("a.xml", "<a/>")
    with pytest.raises(ImportRefused, match="compressé d'une manière inconnue"):
        open_sources([tmp_path / "a.zip"])


def test_files_of_a_zip_that_share_their_bytes_count_each_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of entries may point to the same few bytes, each of which expands."""
    with zipfile.ZipFile(tmp_path / "one.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", "<a>" + " " * 900_000)
    content = (tmp_path / "one.zip").read_bytes()
    directory = content.index(b"PK\x01\x02")
    entry = content[directory : content.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 20, 20, len(entry) * 20, directory, 0)
    (tmp_path / "overlapping.zip").write_bytes(content[:directory] + entry * 20 + end)
    monkeypatch.setattr(opening, "EXPANDED_AT_ONCE", 10 * MIB)
    with pytest.raises(ImportRefused, match="une fois décompressés"):
        open_sources([tmp_path / "overlapping.zip"])


def _die_of_it(kind: str) -> None:
    if kind == "time":
        resource.setrlimit(resource.RLIMIT_CPU, (1, resource.RLIM_INFINITY))
        while True:
            pass
    os.kill(os.getpid(), getattr(signal, kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["time", "SIGKILL", "SIGSEGV"])
def test_work_that_kills_its_process_kills_no_other(kind: str) -> None:
    with pytest.raises(DiedOfIt):
        work_apart(_die_of_it, kind)


@pytest.mark.slow
def test_work_that_is_told_to_stop_has_not_died_of_it() -> None:
    work_apart(_die_of_it, "SIGTERM")


def _hold_the_processor(settings: Settings, upload_id: int) -> None:  # noqa: F811
    """What reads uploads, with a file that is never over and a limit of a second."""
    memory.PROCESSOR_SECONDS = 1
    work.import_files = _never_over  # type: ignore[assignment]
    work._work_within_bounds(settings, upload_id)


def _never_over(_database: Database, _paths: object, _asked: Asked, steps: Steps) -> None:
    with steps.bounds():
        while True:
            pass


@pytest.mark.slow
def test_a_file_that_holds_its_reader_is_refused_and_the_worker_goes_on(
    database: Database,
    settings: Settings,
    upload_id: int,  # noqa: F811
    establishments: list[int],  # noqa: F811
    actor: object,  # noqa: F811
    school: SchoolFiles,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(work, "_work_within_bounds", _hold_the_processor)
        work_on_upload_apart(database, settings, upload_id)
    refused = found(database, upload_id)
    assert (refused.state, refused.refusal) == (ImportState.REFUSED, memory.TOO_MUCH)
    assert stored(settings) == []
    assert due_uploads(database, NOW) == []

    other = upload(database, settings, establishments[0], actor, *school.both())  # type: ignore[arg-type]
    work_on_upload_apart(database, settings, other)
    assert found(database, other).state is ImportState.CHECKED


@pytest.mark.slow
def test_a_file_that_takes_the_memory_is_refused(database: Database, settings: Settings, upload_id: int) -> None:  # noqa: F811
    program = [sys.executable, "-c", GREEDY, str(settings.var_dir), settings.database, str(upload_id)]
    subprocess.run(program, check=True)
    refused = found(database, upload_id)
    assert (refused.state, refused.refusal) == (ImportState.REFUSED, memory.TOO_MUCH)


GREEDY = """
import sys
from pathlib import Path
from shared.config import Settings
from shared.siecle import importing
from shared.siecle.uploads import work as upload_work

importing.read_export = lambda _source: bytearray(400 * 1024**2)
var_dir, url, upload_id = sys.argv[1:]
upload_work._work_within_bounds(Settings(var_dir=Path(var_dir), database_url=url), int(upload_id))
"""
