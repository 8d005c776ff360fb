"""Whose accounts a tab is about: the same pages serve « Accès des responsables » and « Accès des élèves »."""

from dataclasses import dataclass

from shared.accounts.populations import GUARDIANS, STUDENTS, Population
from shared.models.staff import Tab


@dataclass(frozen=True)
class Area:
    """One of the two tabs."""

    population: Population
    tab: Tab
    category: str
    path: str
    prefix: str
    """Of the names of its views in `url_for`."""
    one: str
    many: str

    @property
    def code(self) -> str:
        """Its name in addresses and in the names of files."""
        return self.path.strip("/")

    def place(self, page: str) -> str:
        """The name of one of its views in `url_for`."""
        return f"{self.prefix}_{page}"


OF_GUARDIANS = Area(
    GUARDIANS, Tab.GUARDIANS, "Accès des responsables", "/responsables", "guardian", "responsable", "responsables"
)
OF_STUDENTS = Area(STUDENTS, Tab.STUDENTS, "Accès des élèves", "/eleves", "student", "élève", "élèves")
AREAS = (OF_GUARDIANS, OF_STUDENTS)
