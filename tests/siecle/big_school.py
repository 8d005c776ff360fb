"""A school of some families, whose files can be made to lose a part of them."""

from collections.abc import Iterable
from pathlib import Path

from tests.siecle.written import SchoolFiles, guardian, link, placement, student

FAMILIES = range(1, 31)
FIRST_NAMES = ("Léa", "Tom", "Zoé", "Noé", "Ana", "Jade", "Enzo", "Lina", "Hugo", "Emma")


def name_of(number: int) -> str:
    """Letters only, and never two alike."""
    return f"HOARAU{chr(65 + number // 26)}{chr(65 + number % 26)}"


def child(number: int, **changes: object) -> str:
    names = {"NOM_DE_FAMILLE": name_of(number), "PRENOM": FIRST_NAMES[number % 10]}
    day = {"DATE_NAISS": f"{number % 28 + 1:02}/03/2012"}
    return student(number, **(names | day | changes))


def parent(number: int, **changes: object) -> str:
    names = {"NOM_DE_FAMILLE": name_of(number), "PRENOM": "Marie", "MEL": f"m{number}@example.org", "ADRESSE_ID": 21}
    return guardian(100 + number, **(names | changes))


def big_school(
    folder: Path, families: Iterable[int] = FAMILIES, *, linked: Iterable[int] | None = None, **changes: object
) -> SchoolFiles:
    """These families, one child and one parent each; the links of those `linked` only, when it says which."""
    those = list(families)
    of = those if linked is None else list(linked)
    files = SchoolFiles(
        folder,
        students=[child(number) for number in those],
        placements=[placement(number, "6A" if number % 2 else "5B") for number in those],
        guardians=[parent(number) for number in those],
        links=[link(number, 100 + number) for number in of],
    )
    return files.changed(**changes)
