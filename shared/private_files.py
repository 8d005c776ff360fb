"""Files that hold families' data: nobody else on the machine reads them, wherever their folder is."""

import os
from pathlib import Path

OURS_ONLY = 0o077
"""The umask of every command."""
OTHERS = 0o007
QUEUE_FILE = "queue.db"
"""The embedded queue, in `VAR_DIR`."""
SIDE_FILES = ("", "-wal", "-shm", "-journal")
"""What SQLite writes beside a database, with the rights that the database has."""


def create_private(path: Path) -> None:
    """Make an empty file that its owner alone may read, in a folder that he alone may enter when there is none yet.

    A file that is there stays as it is: somebody may have shared it with a group on purpose.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def take_from_others(path: Path) -> None:
    """Let nobody but owner and group at a database of SQLite, and at what it writes beside it."""
    for side in SIDE_FILES:
        file = path.with_name(path.name + side)
        if file.exists():
            file.chmod(file.stat().st_mode & ~OTHERS)


def as_shared_as_folder(path: Path) -> None:
    """Give a file the rights of its folder, of which who reads what is put there was thought."""
    path.chmod(path.parent.stat().st_mode & 0o666)
