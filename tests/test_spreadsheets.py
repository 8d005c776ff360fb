"""Tables as files: what a spreadsheet computes, shows and can hold."""

import csv
import enum
import io
import tracemalloc
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import spreadsheets
from shared.spreadsheets import Sheet, Spelling, TooManyRows, harmless, write_csv, write_xlsx


class Fruit(enum.StrEnum):
    MANGO = "mango"


SPELLING = Spelling(lambda value: {"mango": "Mangue"}[value.value], "Indian/Reunion")
EVENING = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
"""Already the 2nd in Réunion."""


def as_csv(sheet: Sheet) -> tuple[int, bytes]:
    file = io.BytesIO()
    return write_csv(sheet, file, SPELLING), file.getvalue()


def as_xlsx(sheet: Sheet) -> tuple[int, list[list[object]], list[list[str]]]:
    file = io.BytesIO()
    rows = write_xlsx(sheet, file, SPELLING)
    cells = list(openpyxl.load_workbook(file).active.rows)
    return rows, [[cell.value for cell in row] for row in cells], [[cell.data_type for cell in row] for row in cells]


def test_a_csv_file_is_what_french_spreadsheets_expect() -> None:
    rows, content = as_csv(Sheet(["Nom", "Le", "À"], [["Zoé ; dite « Z »", date(2026, 9, 1), EVENING]]))
    assert rows == 1
    assert content == '\ufeffNom;Le;À\r\n"Zoé ; dite « Z »";01/09/2026;02/09/2026 02:30\r\n'.encode()


def test_values_are_written_in_words() -> None:
    _, content = as_csv(Sheet(["a", "b", "c", "d"], [[Fruit.MANGO, True, None, 3]]))
    assert content.decode("utf-8-sig").splitlines()[1] == "Mangue;oui;;3"


def test_dates_of_a_workbook_are_dates() -> None:
    rows, values, types = as_xlsx(Sheet(["Le", "À", "n"], [[date(2026, 9, 1), EVENING, 12]]))
    assert rows == 1
    assert values[1] == [datetime(2026, 9, 1), datetime(2026, 9, 2, 2, 30), 12]  # noqa: DTZ001 - as the file holds it
    assert types[1] == ["d", "d", "n"]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", '=HYPERLINK("http://x")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_text_is_a_formula(formula: str) -> None:
    sheet = Sheet(["Nom"], [[formula]])
    _, content = as_csv(sheet)
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read[1] == [f"'{formula}"]
    _, _, types = as_xlsx(sheet)
    assert types[1] == ["s"]


@given(st.text())
def test_what_is_marked_still_says_the_same(text: str) -> None:
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))


def test_control_characters_do_not_spoil_a_workbook() -> None:
    _, values, _ = as_xlsx(Sheet(["Nom"], [["PAY\x0bET\x00"]]))
    assert "PAY" in str(values[1][0])


def test_more_rows_than_a_workbook_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    with pytest.raises(TooManyRows, match="CSV"):
        write_xlsx(Sheet(["n"], ([n] for n in range(3))), io.BytesIO(), SPELLING)


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_memory_does_not_grow_with_the_rows(write, tmp_path) -> None:
    def peak(rows: int) -> int:
        sheet = Sheet(["Nom", "Le"], ([f"NOM {n}", EVENING] for n in range(rows)))
        with (tmp_path / "fichier").open("wb") as file:
            tracemalloc.start()
            write(sheet, file, SPELLING)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(10)
    assert peak(20_000) < peak(2_000) + 200_000
