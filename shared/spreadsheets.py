"""Tables as files that French spreadsheets open, CSV and XLSX: written row by row, so that memory stays flat."""

import csv
import enum
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from shared import clock

Value = str | int | date | datetime | enum.StrEnum | None
"""What a cell holds; an instant is aware."""

MOST_ROWS = 1_048_576
"""Of an XLSX sheet, its header included: more do not exist in the format."""
MOST_CHARACTERS = 32_767
"""Of an XLSX cell."""
_COMPUTED = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROLS = ("\t", "\r", "\n")
_DAY, _INSTANT = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
_WIDEST_COLUMN = 32


class TooManyRows(Exception):
    """The format has no room for so many; CSV has. The message says so to staff."""

    def __init__(self) -> None:
        super().__init__("Il y a plus de lignes qu'un classeur XLSX n'en peut contenir : choisissez le format CSV.")


@dataclass(frozen=True)
class Sheet:
    """A header, and rows read once, in order, as they are written."""

    header: Sequence[str]
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True)
class Spelling:
    """How values are written: the words of enumerations, and the clocks instants are told by."""

    word: Callable[[enum.StrEnum], str]
    time_zone: str

    def plain(self, value: Value) -> str | int | date | datetime:
        """Words for what has words, local time without a zone for an instant, nothing for None."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, enum.StrEnum):
            return self.word(value)
        if isinstance(value, datetime):
            return clock.local(value, self.time_zone).replace(tzinfo=None)
        return value


def harmless(text: str) -> str:
    """`text`, marked as text when a spreadsheet would compute it: a name may begin with `=`, and do harm."""
    return f"'{text}" if text.startswith(_CONTROLS) or text.lstrip().startswith(_COMPUTED) else text


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """The rows as French spreadsheets want them: a byte order mark, `;`, nothing that they would compute."""
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";")
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([harmless(text) for text in row])
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def write_csv(sheet: Sheet, file: IO[bytes], spelling: Spelling) -> int:
    """Write the sheet, and return how many rows it has."""
    before_rows = len(("byte order mark", "header"))
    return sum(1 for line in csv_lines(_as_text(sheet, spelling)) if file.write(line)) - before_rows


def write_xlsx(sheet: Sheet, file: IO[bytes], spelling: Spelling) -> int:
    """Write the sheet as a workbook of one page, and return how many rows it has; texts are never formulas.

    Raises:
        TooManyRows: more than a sheet can hold.
    """
    # Read when a workbook is wanted: other processes and commands write CSV, and do without its 10 MB.
    import xlsxwriter

    # What waits there to be put together is gone with the directory, also when something fails.
    with tempfile.TemporaryDirectory() as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        page = book.add_worksheet()
        _write_header(book, page, sheet.header)
        written = _write_rows(book, page, sheet, spelling)
        page.autofilter(0, 0, written, len(sheet.header) - 1)
        book.close()
    return written


def _as_text(sheet: Sheet, spelling: Spelling) -> Iterator[list[str]]:
    yield list(sheet.header)
    for row in sheet.rows:
        yield [_text(spelling.plain(value)) for value in row]


def _text(value: str | int | date | datetime) -> str:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def _write_header(book: Any, page: Any, header: Sequence[str]) -> None:  # noqa: ANN401 - the library has no types
    bold = book.add_format({"bold": True})
    for column, title in enumerate(header):
        page.set_column(column, column, min(max(len(title) + 4, 14), _WIDEST_COLUMN))
        page.write_string(0, column, title, bold)
    page.freeze_panes(1, 0)


def _write_rows(book: Any, page: Any, sheet: Sheet, spelling: Spelling) -> int:  # noqa: ANN401 - likewise
    formats = {date: book.add_format({"num_format": _DAY}), datetime: book.add_format({"num_format": _INSTANT})}
    number = 0
    for number, row in enumerate(sheet.rows, start=1):
        if number >= MOST_ROWS:
            raise TooManyRows
        for column, value in enumerate(map(spelling.plain, row)):
            if isinstance(value, date):
                page.write_datetime(number, column, value, formats[type(value)])
            elif isinstance(value, int):
                page.write_number(number, column, value)
            else:
                page.write_string(number, column, value[:MOST_CHARACTERS])
    return number
