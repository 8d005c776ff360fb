"""Writes households into the open files of one school and gives out their keys."""

from collections import Counter
from itertools import count

from shared.siecle.invented.files.guardians import add_guardian, add_link
from shared.siecle.invented.files.students import StudentKeys, add_student
from shared.siecle.invented.files.writing import Export, address_block
from shared.siecle.invented.invention import Dialect
from shared.siecle.invented.people.dice import scatter
from shared.siecle.invented.people.places import Address
from shared.siecle.invented.people.records import Household
from shared.siecle.invented.people.truth import Truth
from shared.siecle.invented.plans import School

_ID_DIGITS = 7
_FIRST_ID = 10_000_000


class HouseholdWriter:
    """Writes households one after the other; `counts` tells what was written so far.

    Keys are given out in no visible order, and two schools use the same ones for different people.
    """

    def __init__(self, school: School, dialect: Dialect, students: Export, guardians: Export, truth: Truth) -> None:
        self.school, self.dialect = school, dialect
        self.students, self.guardians, self.truth = students, guardians, truth
        self.counts: Counter[str] = Counter()
        self._serials = {kind: count() for kind in ("student", "person", "address")}

    def add(self, household: Household) -> None:
        """Write the children, the records of the adults, their ties and addresses, and the truth about them."""
        addresses: dict[Address, int] = {}
        student_ids = self._add_students(household, addresses)
        self._write_addresses(self.students, addresses, {child.address for child in household.children})
        person_ids = self._add_guardians(household, addresses, student_ids)
        self._write_addresses(self.guardians, addresses, {fiche.address for fiche in household.fiches})
        self.truth.add(list(zip(household.fiches, person_ids, strict=True)))

    def _add_students(self, household: Household, addresses: dict[Address, int]) -> list[int]:
        student_ids = []
        for child in household.children:
            student_id, address_id = self._new_id("student"), self._address_id(child.address, addresses)
            numbers = StudentKeys(student_id, self.counts["students"], address_id)
            add_student(self.students, self.school, self.dialect, child, numbers)
            self.counts["students"] += 1
            self.counts["left"] += child.left_on is not None
            self.counts["scholarships"] += child.scholarship is not None
            student_ids.append(student_id)
        return student_ids

    def _add_guardians(self, household: Household, addresses: dict[Address, int], student_ids: list[int]) -> list[int]:
        person_ids = []
        for fiche in household.fiches:
            person_id = self._new_id("person")
            address_id = self._address_id(fiche.address, addresses) if fiche.address else None
            add_guardian(self.guardians, fiche, person_id, address_id)
            for link in fiche.links:
                add_link(self.guardians, self.dialect, link, student_ids[link.child], person_id)
            self.counts["guardians"] += 1
            self.counts["links"] += len(fiche.links)
            person_ids.append(person_id)
        return person_ids

    def _address_id(self, address: Address, known: dict[Address, int]) -> int:
        if address not in known:
            known[address] = self._new_id("address")
        return known[address]

    def _write_addresses(self, export: Export, known: dict[Address, int], used: set[Address | None]) -> None:
        # The dictionary keeps the order in which addresses were met; a set has none.
        for address, address_id in known.items():
            if address in used:
                export.add("ADRESSES", address_block(address_id, address))

    def _new_id(self, kind: str) -> int:
        return _FIRST_ID + scatter(next(self._serials[kind]), _ID_DIGITS)
