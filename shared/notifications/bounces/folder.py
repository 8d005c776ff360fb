"""The folder that bounces are dropped into, one file each, as a Maildir's `new` is (`BOUNCES_DIR`)."""

import logging
from itertools import islice
from pathlib import Path

from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.logs.outage import Outage
from shared.notifications.bounces.noting import Bounce, note_bounce, read_bounce

FILES_AT_ONCE = 500
MOST_BYTES = 1_000_000
SET_ASIDE = "autres"

_outage = Outage(logging.getLogger(__name__), "the folder of bounces", "its files are tried again every minute")


def read_bounces(database: Database, settings: Settings) -> int:
    """How many bounces were noted; their files are removed, the others set aside for a person to read.

    An edge: one transaction for each file, removed once it is committed, so that none is lost and reading one twice
    changes nothing.
    """
    if settings.bounces_dir is None or not settings.bounces_dir.is_dir():
        return 0
    files = sorted(path for path in settings.bounces_dir.iterdir() if path.is_file() and path.name[0] != ".")
    return sum(_read(database, settings, path) for path in islice(files, FILES_AT_ONCE))


def _read(database: Database, settings: Settings, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            bounce = read_bounce(file.read(MOST_BYTES))
        if bounce is not None and _note(database, settings, bounce):
            path.unlink(missing_ok=True)
            _outage.worked()
            return True
        aside = path.parent / SET_ASIDE
        aside.mkdir(exist_ok=True)
        path.replace(aside / path.name)
    except OSError as error:
        _outage.failed(f"{path.parent}: {error.strerror}")
    else:
        _outage.worked()
    return False


def _note(database: Database, settings: Settings, bounce: Bounce) -> bool:
    with database.writing() as session:
        return note_bounce(session, settings, bounce, now())
