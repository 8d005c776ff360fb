"""The journal of an establishment as a sheet, newest first (R27)."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from shared.journal import JournalFilters, events_of_establishment
from shared.models.journal import JournalEvent
from shared.spreadsheets import Sheet, Value

ROWS_AT_ONCE = 1_000
_HEADER = ("Date", "Événement", "Sur", "Détails", "Par", "Depuis")

InWords = Callable[[JournalEvent], tuple[str, str, str]]
"""What happened, on whom and the details, as the screen says them."""


def journal_sheet(session: Session, establishment_id: int, filters: JournalFilters, in_words: InWords) -> Sheet:
    """The events that `filters` keep; one query for each page of them."""
    return Sheet(_HEADER, _rows(session, establishment_id, filters, in_words))


def _rows(session: Session, establishment_id: int, filters: JournalFilters, in_words: InWords) -> Iterator[list[Value]]:
    before: int | None = None
    while page := events_of_establishment(session, establishment_id, filters, before_id=before, limit=ROWS_AT_ONCE):
        for event in page:
            yield [event.at, *in_words(event), event.actor_name, event.address]
        before = page[-1].id
