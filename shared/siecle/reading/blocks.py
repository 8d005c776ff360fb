"""Which blocks of which files are read, by what, and into which staging table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree
from sqlalchemy import Table

from shared.models.school import FileKind
from shared.siecle.reading import tables
from shared.siecle.reading.fields import Reading
from shared.siecle.reading.guardians import read_address, read_guardian, read_link
from shared.siecle.reading.schools import read_division, read_school
from shared.siecle.reading.students import read_grant, read_placement, read_student
from shared.siecle.values.texts import cleaned

Reader = Callable[[etree._Element, Reading], tuple[Any, ...] | None]


@dataclass(frozen=True)
class Block:
    """One block of a file: its records, and where they wait."""

    read: Reader
    record_tag: str | None
    """The tag of its records; None when any will do. Others are passed over."""
    table: Table | None
    """None for the school itself, which is one record."""
    noun: str
    """What a record is called in the messages."""
    keys: tuple[str, ...]
    """Attributes or children that name a record, for the messages and to spare what could not be read."""
    unreadable: Table | None = None
    """Where the keys of the records that could not be read are kept: what the base holds of them stays as it is."""

    def identity(self, element: etree._Element) -> tuple[str, ...]:
        """The keys as far as they are written, also for a record that cannot be read."""
        return tuple(cleaned(element.get(key) or element.findtext(key) or "")[:40] for key in self.keys)


BLOCKS: dict[FileKind, dict[str, Block]] = {
    FileKind.STUDENTS: {
        "ELEVES": Block(
            read_student, "ELEVE", tables.STUDENTS, "élève", ("ELEVE_ID",), unreadable=tables.UNREADABLE_STUDENTS
        ),
        "STRUCTURES": Block(
            read_placement, "STRUCTURES_ELEVE", tables.PLACEMENTS, "division de l'élève", ("ELEVE_ID",)
        ),
        "BOURSES": Block(read_grant, None, tables.GRANTS, "bourse de l'élève", ("ELEVE_ID",)),
        "ADRESSES": Block(read_address, "ADRESSE", tables.STUDENT_ADDRESSES, "adresse", ("ADRESSE_ID",)),
    },
    FileKind.GUARDIANS: {
        "PERSONNES": Block(
            read_guardian,
            "PERSONNE",
            tables.GUARDIANS,
            "responsable",
            ("PERSONNE_ID",),
            unreadable=tables.UNREADABLE_GUARDIANS,
        ),
        "RESPONSABLES": Block(
            read_link,
            "RESPONSABLE_ELEVE",
            tables.LINKS,
            "lien élève et responsable",
            ("ELEVE_ID", "PERSONNE_ID"),
            unreadable=tables.UNREADABLE_LINKS,
        ),
        "ADRESSES": Block(read_address, "ADRESSE", tables.GUARDIAN_ADDRESSES, "adresse", ("ADRESSE_ID",)),
    },
    FileKind.STRUCTURES: {
        "DIVISIONS": Block(read_division, "DIVISION", tables.DIVISIONS, "division", ("CODE_STRUCTURE",)),
    },
    FileKind.COMMON: {
        "UAJ": Block(read_school, "UAJ", None, "établissement", ()),
    },
    FileKind.NOMENCLATURE: {},
}
