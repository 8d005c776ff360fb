"""Files made of tables: written whole, noted in the journal, then sent."""

import enum
import tempfile
from collections.abc import Callable
from typing import IO, cast

from flask import Response, send_file
from sqlalchemy.orm import Session

from admin_app.access import establishment
from admin_app.installation import installation, today
from admin_app.ui.labels import word
from admin_app.visitors import actor
from shared import clock
from shared.acting.desk import Act
from shared.models.journal import Action
from shared.spreadsheets import Sheet, Spelling, write_csv, write_xlsx

IN_MEMORY = 1024 * 1024
"""Bytes; a larger file waits on the disk without a name, and is gone when it is sent or when the process dies."""


class Format(enum.StrEnum):
    """The kinds of files to choose from."""

    CSV = "csv"
    XLSX = "xlsx"


WRITERS: dict[Format, Callable[[Sheet, IO[bytes], Spelling], int]] = {Format.CSV: write_csv, Format.XLSX: write_xlsx}
TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def wanted_format(given: str | None) -> Format:
    """The format that a form asks for; CSV when it makes no sense."""
    return Format(given) if given in set(Format) else Format.CSV


def download(
    name: str, title: str, wanted: Format, make: Callable[[Session], Sheet], *, of_school: bool = True
) -> Response:
    """The sheet that `make` reads, as a file named after `name`, the establishment and the day.

    A table of the académie (`of_school` false) is of no establishment, whichever is chosen.

    Raises:
        TooManyRows: more than the format has room for.
    """
    database, now = installation().database, clock.now()
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed with the answer that sends it
    # Reading it all takes no lock that would keep others from writing.
    database.close()
    with database.reading() as reading:
        rows = WRITERS[wanted](make(reading), file, _spelling())
    file.seek(0)
    details = {"format": wanted.value, "rows": rows}
    writing = database.open(writing=True)
    school = establishment() if of_school else None
    establishment_id = school.id if school else None
    Act(writing, actor(), now).record(
        Action.EXPORTED, establishment_id=establishment_id, subject=title, details=details
    )
    file_name = "-".join((name, *([school.uai] if school else []), f"{today(now).isoformat()}.{wanted.value}"))
    return send_file(cast("IO[bytes]", file), TYPES[wanted], as_attachment=True, download_name=file_name)


def _spelling() -> Spelling:
    return Spelling(word, installation().settings.time_zone)
