"""What an import did to whom as a sheet, a line for each person and change (R32)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from shared.models.imports.changes import ImportRun
from shared.siecle.effects.history import every_change
from shared.siecle.losses import Sort
from shared.spreadsheets import Sheet, Value

_HEADER = ("Qui", "Changement", "Numéro de SIECLE", "Nom", "Prénom", "Avant", "Maintenant")


def changes_sheet(session: Session, run: ImportRun) -> Sheet:
    """Students first, each kind of change by name; a query for each page of them."""
    return Sheet(_HEADER, _rows(session, run))


def _rows(session: Session, run: ImportRun) -> Iterator[list[Value]]:
    for change in every_change(session, run):
        person = change.student or change.guardian
        sort = Sort.STUDENTS if change.student else Sort.GUARDIANS
        if person is not None:
            names = [person.shown_key, person.last_name, person.first_name]
            yield [sort, change.change, *names, change.former, change.present]
