"""The students present without a legal guardian as a sheet (R32)."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from shared.siecle.effects.unaccompanied import students_without_legal_guardian
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 500
_HEADER = ("ELEVE_ID", "INE", "Nom", "Prénom", "Division", "Autres personnes liées")


def unaccompanied_sheet(session: Session, establishment_id: int, today: date) -> Sheet:
    """By name; a few queries for each page of them."""
    return Sheet(_HEADER, _rows(session, establishment_id, today))


def _rows(session: Session, establishment_id: int, today: date) -> Iterator[list[Value]]:
    after = ""
    while page := students_without_legal_guardian(session, establishment_id, today, after=after, limit=ROWS_AT_ONCE):
        for line in page:
            student = line.student
            division = student.division.code if student.division else None
            names = [student.shown_key, student.ine, student.last_name, student.first_name]
            yield [*names, division, ", ".join(line.others)]
        after = page[-1].key
