"""What this machine and the database tell of themselves, beside what they do in the background (R38)."""

import shutil
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from shared.config import Settings
from shared.database import Database
from shared.logs.discretion import what
from shared.migrations import version as schema_version
from shared.refusals import Refusal
from shared.watching.judgement import Finding, Level, judge
from shared.watching.state import read_background

SCARCE, NEARLY_FULL = 0.10, 0.03
"""Of the disk, free."""


def status_of(database: Database, settings: Settings, now: datetime) -> list[Finding]:
    """Everything that monitoring asks of the installation, from this machine; a database that is away is a finding."""
    try:
        with database.reading() as session:
            served = schema_version.serves(session.connection())
            newest = schema_version.is_up_to_date(session.connection())
            found = judge(read_background(session, now), now) if served else []
    except SQLAlchemyError as error:
        found, schemata = [], [Finding("Base de données", Level.CRITICAL, f"ne répond pas : {what(error)}")]
    except Refusal as refused:
        found, schemata = [], [Finding("Base de données", Level.CRITICAL, str(refused))]
    else:
        schemata = [_tables(served, newest)]
    return [*schemata, *found, *_disk(settings)]


def _tables(served: bool, newest: bool) -> Finding:
    if not served:
        return Finding(
            "Base de données",
            Level.CRITICAL,
            "ses tables sont absentes ou d'une version plus ancienne : lancez « teleservices init-db »",
        )
    if not newest:
        return Finding(
            "Base de données",
            Level.WARNING,
            "ses tables sont d'une version plus récente que ce logiciel : mettez-le à jour sur cette machine",
        )
    return Finding("Base de données", Level.GOOD, "répond, avec les tables de cette version")


def _disk(settings: Settings) -> Iterator[Finding]:
    try:
        usage = shutil.disk_usage(settings.var_dir)
    except OSError as error:
        yield Finding("Disque", Level.CRITICAL, f"VAR_DIR ({settings.var_dir}) : {error.strerror}")
        return
    free = usage.free / usage.total
    level = Level.CRITICAL if free < NEARLY_FULL else Level.WARNING if free < SCARCE else Level.GOOD
    yield Finding("Disque", level, f"{free:.0%} de libre sous VAR_DIR ({settings.var_dir})")
