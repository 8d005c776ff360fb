"""Reads the files into the staging tables: the long part of an import, which changes nothing and locks nobody out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from lxml import etree
from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from shared.establishments.codes.uai import uai_of
from shared.models.school import FileKind
from shared.persons.phones import plan_of_school
from shared.siecle.asked import Progress
from shared.siecle.files.export_files import Export
from shared.siecle.reading.blocks import BLOCKS, Block
from shared.siecle.reading.fields import Reading, RecordRefused
from shared.siecle.reading.records import SchoolRecord
from shared.siecle.reading.tables import TEMPORARY
from shared.siecle.report import Findings, ImportRefused, kind_of, quoted
from shared.siecle.updating.settling import settle

BATCH = 500
REASONS_GIVEN = 3
WITHOUT_WHICH_NOTHING = {
    "ELEVES": "aucun élève qui puisse être repris",
    "PERSONNES": "aucun responsable qui puisse être repris",
    "DIVISIONS": "aucune division qui puisse être reprise",
    "UAJ": "rien sur l'établissement",
}
"""The block of each kind of file without which the rest of it is of no use, and what is then said to be lacking."""
NOT_IMPORTED = "l'importer ne pourrait que faire perdre ce qui est connu."
EXPORT_AGAIN = "Refaites l'export dans SIECLE en vérifiant ce qui y est sélectionné."


@dataclass
class Staged:
    """What now waits in the staging tables of a connection."""

    exports: dict[FileKind, Export]
    findings: Findings
    school: SchoolRecord | None = None
    read: Counter[str] = field(default_factory=Counter)
    """Records met in each staging table, those that could not be read included."""

    def __contains__(self, kind: FileKind) -> bool:
        return kind in self.exports

    def count(self, table: Table) -> int:
        """Records met for `table`."""
        return self.read[table.name]


def stage(connection: Connection, exports: Iterable[Export], uai: str, progress: Progress) -> Staged:
    """Read every record of `exports`, one file of each kind, into temporary tables of `connection`.

    `uai` is that of their school, whose telephone numbers are written as in its territory.

    Raises:
        ImportRefused: a file turns out not to be well-formed, or holds no record that can be used.
    """
    staged = Staged({}, Findings())
    _warn_of_its_letter(uai, staged.findings)
    for export in exports:
        if staged.exports.setdefault(export.kind, export) is not export:
            raise ValueError(f"two files of one kind: {export.kind}")
    for table in TEMPORARY.sorted_tables:
        connection.execute(CreateTable(table))
    loader = _Loader(connection, staged, plan_of_school(uai), progress)
    for export in staged.exports.values():
        loader.load(export)
        loader.refuse_without_use(export)
    loader.flush()
    settle(connection, staged.exports, staged.findings)
    return staged


def _warn_of_its_letter(uai: str, findings: Findings) -> None:
    right = uai_of(int(uai[:-1]))
    if uai != right:
        findings.warnings.add(
            f"L'UAI {quoted(uai)} a une lettre qui ne va pas avec ses chiffres (ce serait {right})\u00a0: vérifiez "
            "que c'est celui de l'établissement."
        )


class _Loader:
    """Sends records to their tables by batches."""

    def __init__(self, connection: Connection, staged: Staged, phone_plan: str | None, progress: Progress) -> None:
        self._connection = connection
        self._staged = staged
        self._progress = progress
        self._phone_plan = phone_plan
        self._positions = count(1)
        self._usable: set[str] = set()
        """What a record is called of which one at least could be used."""
        self._waiting: dict[Table, list[tuple[Any, ...]]] = {table: [] for table in TEMPORARY.sorted_tables}

    def load(self, export: Export) -> None:
        """Read one file."""
        if export.encoding.warning:
            self._staged.findings.warnings.add(export.encoding.warning)
        blocks = BLOCKS[export.kind]
        for tag, element in export.records(blocks):
            block = blocks[tag]
            if block.record_tag in (None, element.tag):
                self._take(export, block, element)

    def _take(self, export: Export, block: Block, element: etree._Element) -> None:
        position = next(self._positions)
        if position % BATCH == 0:
            self._progress(position)
        if block.table is not None:
            self._staged.read[block.table.name] += 1
        reading = Reading(self._phone_plan)
        if export.encoding.mending is not None:
            reading.warnings.extend(export.encoding.mending.mend(element))
        try:
            record = block.read(element, reading)
        except RecordRefused as refused:
            self._refuse(export, block, element, str(refused))
            return
        if record is not None and any(record):
            self._usable.add(block.noun)
        for warning in reading.warnings:
            self._staged.findings.warnings.add(_sentence(export, block, element, warning), _kind(block, warning))
        if isinstance(record, SchoolRecord):
            self._staged.school = record
        elif record is not None and block.table is not None:
            self._add(block.table, (position, element.sourceline, *record))

    def refuse_without_use(self, export: Export) -> None:
        """Refuse a file of which no record can be used: importing it could only lose what is known.

        Raises:
            ImportRefused: so it is; the message gives the first reasons.
        """
        for tag, block in BLOCKS[export.kind].items():
            if tag not in WITHOUT_WHICH_NOTHING or block.noun in self._usable:
                continue
            lacking = WITHOUT_WHICH_NOTHING[tag]
            sentence = f"Le fichier {quoted(export.label)} ne contient {lacking}\u00a0: {NOT_IMPORTED}"
            raise ImportRefused(" ".join((sentence, *self._staged.findings.errors.kept[:REASONS_GIVEN], EXPORT_AGAIN)))

    def _refuse(self, export: Export, block: Block, element: etree._Element, reason: str) -> None:
        self._staged.findings.errors.add(_sentence(export, block, element, reason), _kind(block, reason))
        keys = block.identity(element)
        if block.unreadable is not None and all(keys):
            self._add(block.unreadable, keys)

    def _add(self, table: Table, row: tuple[Any, ...]) -> None:
        rows = self._waiting[table]
        rows.append(row)
        if len(rows) >= BATCH:
            _insert(self._connection, table, rows)
            rows.clear()

    def flush(self) -> None:
        """Send what is left, then make the tables quick to search."""
        for table, rows in self._waiting.items():
            if rows:
                _insert(self._connection, table, rows)
                rows.clear()
            for index in table.indexes:
                index.create(self._connection)
        if self._connection.dialect.name == "postgresql":
            self._connection.exec_driver_sql("ANALYZE " + ", ".join(table.name for table in self._waiting))


def _insert(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(_insertion(table), list(rows))
        return
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@cache
def _insertion(table: Table) -> str:
    """The statement that inserts one row, for SQLite."""
    return str(insert(table).compile(dialect=sqlite.dialect()))


def _sentence(export: Export, block: Block, element: etree._Element, reason: str) -> str:
    subject = " ".join((block.noun, *(key or "?" for key in block.identity(element))))
    return f"{export.label}, ligne {element.sourceline}, {subject}\u00a0: {reason}"


def _kind(block: Block, reason: str) -> str:
    return f"{block.noun}\u00a0: {kind_of(reason)}"
