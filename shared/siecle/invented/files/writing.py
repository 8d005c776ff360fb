"""Writes export files as SIECLE does: one xml in one zip, in ISO-8859-15, section after section.

Sections are gathered in temporary files, so that memory does not grow with the school.
"""

import html
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from shared.siecle.invented.people.places import Address
from shared.siecle.invented.people.records import SCHOOL_YEAR

ENCODING = "ISO-8859-15"
EXPORTED_AT = datetime(SCHOOL_YEAR, 10, 6, 8, 30, 12)  # noqa: DTZ001 - SIECLE writes the school's wall clock
_UNIX = 3


def element(name: str, value: str | int | date | None) -> str:
    """One line `<NAME>value</NAME>`; nothing when the value is null, an empty element when it is an empty text."""
    if value is None:
        return ""
    text = f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
    return f"<{name}>{html.escape(text, quote=False)}</{name}>\n"


def elements(values: Iterable[tuple[str, str | int | date | None]]) -> str:
    """One line for each value that is not null."""
    return "".join(element(name, value) for name, value in values)


def block(name: str, content: str, **attributes: object) -> str:
    """`content` inside the element `name`."""
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>\n{content}</{name}>\n"


def address_block(address_id: int, address: Address) -> str:
    """ADRESSE, with its four lines, empty or not."""
    lines = (*address.lines, "", "", "", "")[:4]
    content = elements(
        (
            *((f"LIGNE{rank}_ADRESSE", line) for rank, line in enumerate(lines, 1)),
            ("BOITE_POSTALE", address.po_box),
            ("COMMUNE_ETRANGERE", address.foreign_city or ""),
            ("CODE_POSTAL", address.postal_code),
            ("CODE_PAYS", address.country_code),
            ("CODE_COMMUNE_INSEE", address.insee_code),
            ("LL_PAYS", address.country),
            ("CODE_DEPARTEMENT", address.department),
            ("LIBELLE_POSTAL", address.city),
        )
    )
    return block("ADRESSE", content, ADRESSE_ID=address_id)


class Export:
    """One export being written; the zip appears in `folder` when the block ends without an error.

    It is stored, not compressed: what a compressor writes differs from one version of zlib to the next, and the
    same seed must give the same bytes on every machine.
    """

    def __init__(self, folder: Path, stem: str, root: str, version: str, uai: str, sections: tuple[str, ...]) -> None:
        self.path = folder / f"ExportXML_{stem}.zip"
        self.member = f"{stem}.xml"
        self._root = root
        self._head = f'<?xml version="1.0" encoding="{ENCODING}"?>\n<{root} VERSION="{version}">\n' + _parameters(uai)
        self._files = ExitStack()
        self._sections: dict[str, IO[bytes]] = {
            name: self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - entered on this line
            for name in sections
        }

    def add(self, section: str, text: str) -> None:
        """Add `text` at the end of `section`."""
        self._sections[section].write(text.encode(ENCODING))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._files:
            if kind is None:
                self._write_zip()

    def _write_zip(self) -> None:
        member = zipfile.ZipInfo(self.member, EXPORTED_AT.timetuple()[:6])
        member.create_system = _UNIX
        member.external_attr = 0o644 << 16
        with (
            zipfile.ZipFile(self.path, "w", zipfile.ZIP_STORED) as archive,
            archive.open(member, "w", force_zip64=True) as xml,
        ):
            xml.write(f"{self._head}<DONNEES>\n".encode(ENCODING))
            for name, content in self._sections.items():
                content.seek(0)
                xml.write(f"<{name}>\n".encode(ENCODING))
                shutil.copyfileobj(content, xml)
                xml.write(f"</{name}>\n".encode(ENCODING))
            xml.write(f"</DONNEES>\n</{self._root}>\n".encode(ENCODING))


def _parameters(uai: str) -> str:
    return block(
        "PARAMETRES",
        elements(
            (
                ("UAJ", uai),
                ("ANNEE_SCOLAIRE", SCHOOL_YEAR),
                ("DATE_EXPORT", f"{EXPORTED_AT:%d/%m/%Y}"),
                ("HORODATAGE", f"{EXPORTED_AT:%d/%m/%Y %H:%M:%S}"),
            )
        ),
    )
