"""The process that reads an upload, which then tells the most memory that it had.

A module of its own: that process imports nothing that the one of an installation does not.
"""

from pathlib import Path

from shared.config import Settings
from shared.siecle.uploads import work


def read_and_tell(settings: Settings, upload_id: int) -> None:
    """Read as the process of an installation does; to be run in place of it."""
    try:
        work._work_within_bounds(settings, upload_id)
    finally:
        _file_of(settings, upload_id).write_text(_peak())


def peak_mebibytes(settings: Settings, upload_id: int) -> float:
    """The most that the last process had that read this upload; a process that was killed told nothing."""
    return int(_file_of(settings, upload_id).read_text()) / 1024


def _file_of(settings: Settings, upload_id: int) -> Path:
    return settings.var_dir / f"peak-{upload_id}"


def _peak() -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line for line in lines if line.startswith("VmHWM")).split()[1]
