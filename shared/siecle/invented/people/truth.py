"""What really is: which records are of one person. The files that a detection of duplicates is judged by."""

import csv
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from shared.siecle.invented.people.records import Fiche

if TYPE_CHECKING:
    import _csv

DUPLICATES = "verite_doublons.csv"
PERSONS = "verite_personnes.csv"


class Truth:
    """The two side files of one school, in UTF-8.

    `verite_doublons.csv`: every record of each person entered more than once (`personne`, `personne_id`, `variante`:
    how it differs from the first one, empty for the first). `verite_personnes.csv`: every record (`personne`,
    `personne_id`, `piege`: why it may be taken for another person's). `personne` is the same for one person in every
    school of a run, and never the same for two.
    """

    def __init__(self, folder: Path) -> None:
        self._files = ExitStack()
        self.persons = 0
        self.entered_twice = 0
        self._duplicates = self._open(folder / DUPLICATES, "variante")
        self._persons = self._open(folder / PERSONS, "piege")

    def _open(self, path: Path, last_column: str) -> "_csv.Writer":
        file = self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["personne", "personne_id", last_column])
        return writer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, records: list[tuple[Fiche, int]]) -> None:
        """Write the records of one household, each with its PERSONNE_ID."""
        times = Counter(fiche.person for fiche, _ in records)
        self.persons += len(times)
        self.entered_twice += sum(count > 1 for count in times.values())
        for fiche, person_id in records:
            self._persons.writerow([fiche.person, person_id, fiche.trap.value])
            if times[fiche.person] > 1:
                self._duplicates.writerow([fiche.person, person_id, fiche.variation])
