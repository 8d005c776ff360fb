"""Writes small SIECLE files by hand, in either dialect, right or wrong."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from xml.sax.saxutils import escape, quoteattr

UAI = "9740001A"
STAMP = "15/09/2025 08:30:00"
YEAR = "2025"

Values = Mapping[str, object]


def element(tag: str, values: Values, attributes: Values | None = None) -> str:
    """An element with one child for each value; a value of None leaves the child out, a dict makes a block."""
    written = "".join(f" {name}={quoteattr(str(value))}" for name, value in (attributes or {}).items())
    children = "\n".join(
        element(name, value) if isinstance(value, Mapping) else f"<{name}>{escape(str(value))}</{name}>"
        for name, value in values.items()
        if value is not None
    )
    return f"<{tag}{written}>\n{children}\n</{tag}>"


def block(tag: str, records: Iterable[str]) -> str:
    """A block of records, one after the other."""
    return "\n".join((f"<{tag}>", *records, f"</{tag}>"))


def document(
    root: str,
    *blocks: str,
    uai: str | None = UAI,
    stamp: str | None = STAMP,
    year: str | None = YEAR,
    encoding: str = "ISO-8859-15",
    before_root: str = "",
) -> str:
    """A whole file."""
    parameters = element("PARAMETRES", {"UAJ": uai, "ANNEE_SCOLAIRE": year, "HORODATAGE": stamp})
    data = block("DONNEES", blocks)
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    return "\n".join((declaration, f'{before_root}<{root} VERSION="2.1">', parameters, data, f"</{root}>", ""))


def student(key: object = 1, *, attributes: Values | None = None, **changes: object) -> str:
    values = {
        "NOM_DE_FAMILLE": "PAYET",
        "PRENOM": "Léa",
        "DATE_NAISS": "04/03/2012",
        "DOUBLEMENT": "0",
        "CODE_SEXE": "2",
    }
    return element(
        "ELEVE", values | changes, {"ELEVE_ID": key, "ELENOET": f"9{key}"} if attributes is None else attributes
    )


def placement(key: object, *codes: str, kind: str = "D") -> str:
    structures = "".join(element("STRUCTURE", {"CODE_STRUCTURE": code, "TYPE_STRUCTURE": kind}) for code in codes)
    return f'<STRUCTURES_ELEVE ELEVE_ID="{key}" ELENOET="9{key}">{structures}</STRUCTURES_ELEVE>'


def guardian(key: object = 11, **changes: object) -> str:
    values = {"NOM_DE_FAMILLE": "PAYET", "PRENOM": "Marie", "LC_CIVILITE": "MME", "MEL": "marie.payet@example.org"}
    return element("PERSONNE", values | changes, {"PERSONNE_ID": key})


def link(student_key: object = 1, guardian_key: object = 11, rank: object = 1, **changes: object) -> str:
    """In the dialect of 2017."""
    values = {
        "ELEVE_ID": student_key,
        "PERSONNE_ID": guardian_key,
        "CODE_PARENTE": "10",
        "RESP_LEGAL": rank,
        "RESP_FINANCIER": "1",
        "PERS_PAIEMENT": "0",
        "PERS_CONTACT": "0",
    }
    return element("RESPONSABLE_ELEVE", values | changes)


def link_2019(
    student_key: object, guardian_key: object, level: object = 1, *, pays: bool = False, first: bool = False
) -> str:
    values = {
        "ELEVE_ID": student_key,
        "PERSONNE_ID": guardian_key,
        "CODE_PARENTE": "20",
        "NIVEAU_RESPONSABILITE": level,
        "PAIE_FRAIS_SCOLAIRES": str(pays).lower(),
        "A_CONTACTER_EN_PRIORITE": str(first).lower(),
    }
    return element("RESPONSABLE_ELEVE", values)


def address(key: object = 21, **changes: object) -> str:
    values = {
        "LIGNE1_ADRESSE": "12 RUE DES FLAMBOYANTS",
        "CODE_POSTAL": "97400",
        "LIBELLE_POSTAL": "SAINT DENIS",
        "CODE_PAYS": "100",
        "LL_PAYS": "FRANCE",
    }
    return element("ADRESSE", values | changes, {"ADRESSE_ID": key})


@dataclass
class SchoolFiles:
    """The files of a small school, written to a folder as often as wanted."""

    folder: Path
    uai: str = UAI
    stamp: str = STAMP
    year: str | None = YEAR
    students: list[str] = field(default_factory=lambda: [student()])
    placements: list[str] = field(default_factory=lambda: [placement(1, "6 A")])
    grants: list[str] = field(default_factory=list)
    student_addresses: list[str] = field(default_factory=list)
    guardians: list[str] = field(default_factory=lambda: [guardian(ADRESSE_ID=21)])
    links: list[str] = field(default_factory=lambda: [link()])
    addresses: list[str] = field(default_factory=lambda: [address()])

    def changed(self, **changes: object) -> Self:
        """The same school with other records."""
        return type(self)(**(vars(self) | changes))  # type: ignore[arg-type]

    def students_text(self) -> str:
        return document(
            "BEE_ELEVES",
            block("ELEVES", self.students),
            block("OPTIONS", ['<OPTION ELEVE_ID="1"><OPTIONS_ELEVE/></OPTION>']),
            block("STRUCTURES", self.placements),
            block("BOURSES", self.grants),
            block("ADRESSES", self.student_addresses),
            uai=self.uai,
            stamp=self.stamp,
            year=self.year,
        )

    def guardians_text(self) -> str:
        return document(
            "BEE_RESPONSABLES",
            block("PERSONNES", self.guardians),
            block("RESPONSABLES", self.links),
            block("ADRESSES", self.addresses),
            uai=self.uai,
            stamp=self.stamp,
            year=self.year,
        )

    def students_file(self, name: str = "ElevesAvecAdresses.xml") -> Path:
        return written(self.folder / name, self.students_text())

    def guardians_file(self, name: str = "ResponsablesAvecAdresses.xml") -> Path:
        return written(self.folder / name, self.guardians_text())

    def both(self) -> list[Path]:
        return [self.students_file(), self.guardians_file()]


def written(path: Path, text: str | bytes, encoding: str = "iso-8859-15") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def zipped(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else content.encode("iso-8859-15"))
    return path
