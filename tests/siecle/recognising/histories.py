"""What becomes of schools in truth, drawn by Hypothesis, and the SIECLE files that say it: what the laws of R31 try.

Persons are known here as they are in truth. Exports of a school are drawn in which people come, go and marry, keys are
given to others, shuffled or renumbered, INE are wrong, missing or written twice; files come in any order, some never.
The address of each record, which no rule of identity reads, says who it is in truth.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from shared.database import Database
from shared.models.accounts import Account, Identifier
from shared.models.school import Establishment
from shared.persons.identity import well_formed_ine
from tests.siecle.written import UAI, SchoolFiles, address, guardian, link, student

SEARCHES_FOR_LONG = "LAW_EXAMPLES" in os.environ
"""What fails is then told as it was found: to make it smaller takes minutes, and the next run does it."""
SEPTEMBER = date(2026, 9, 2)

# Family name, first name, birth date, sex: twins, brothers, and two who share nothing but a first name.
STUDENTS = [
    ("HOARAU", "Léo", "01/01/2012", "1"),
    ("HOARAU", "Lou", "01/01/2012", "1"),
    ("HOARAU", "Zoé", "05/06/2014", "2"),
    ("PAYET", "Zoé", "07/08/2013", "2"),
    ("PAYET", "Max", "09/10/2012", "1"),
    ("TECHER", "Ana", "11/12/2013", "2"),
]
TWINS = {0: 1, 1: 0}
# Family name, first name, civility, children: couples with one telephone, and an aunt.
GUARDIANS = [
    ("HOARAU", "Marie", "MME", (0, 1, 2)),
    ("HOARAU", "Paul", "M.", (0, 1, 2)),
    ("HOARAU", "Anne", "MME", (5,)),
    ("PAYET", "Marie", "MME", (3, 4)),
    ("PAYET", "Jean", "M.", (3, 4)),
    ("TECHER", "Ida", "MME", (5,)),
]
AUNT = 2
OTHER_NAMES = ("BOYER", "GRONDIN", "RIVIERE", "FONTAINE", "MUSSARD", "ZITTE")
"""What each of them may be called one day: two of one first name who marry into one name are told by nothing else."""
HOUSEHOLDS = (0, 0, 1, 2, 2, 3)
WRONG_INES = (None, "0000000000A", "?", "900000001ZZ")


@dataclass(frozen=True)
class Export:
    """One state of the school, and which of its files are imported, in which order."""

    student_keys: dict[int, int]
    """By the number of the person."""
    guardian_keys: dict[int, int]
    student_changes: dict[int, dict[str, Any]]
    guardian_changes: dict[int, dict[str, Any]]
    order: tuple[str, ...]


@dataclass
class _Keys:
    """Who has which key now."""

    held: dict[int, int] = field(default_factory=dict)
    ever: dict[int, set[int]] = field(default_factory=dict)
    """Who had each key one day: the school base may not have heard of the last."""
    next_key: int = 1

    def fresh(self) -> int:
        self.next_key += 1
        return self.next_key


@st.composite
def keys_then(draw: st.DrawFn, before: _Keys, count: int, twins: dict[int, int]) -> dict[int, int]:
    """Who is there in the next export, under which keys."""
    there = sorted(draw(st.sets(st.integers(0, count - 1), min_size=2)))
    mode = draw(st.sampled_from(("kept", "reused", "shuffled", "renumbered")))
    if mode == "shuffled":
        pool = sorted({*before.held.values(), *(before.fresh() for _ in there)})[: max(len(there), len(before.held))]
        keys = dict(zip(there, draw(st.permutations(pool)), strict=False))
    else:
        free = [key for person, key in before.held.items() if person not in there] if mode == "reused" else []
        keys = {}
        for person in there:
            stays = person in before.held and not (mode == "renumbered" and draw(st.booleans()))
            keys[person] = before.held[person] if stays else (free.pop() if free else before.fresh())
    # Without INE, nothing tells a twin who comes when the other left, and gets its key, from a first name corrected.
    for person, key in keys.items():
        if twins.get(person) in before.ever.get(key, ()) and twins[person] not in keys:
            keys[person] = before.fresh()
    before.held = keys
    for person, key in keys.items():
        before.ever.setdefault(key, set()).add(person)
    return dict(keys)


student_changes = st.dictionaries(
    st.integers(0, len(STUDENTS) - 1),
    st.fixed_dictionaries(
        {},
        optional={
            "NOM_USAGE": st.just(True),
            "NOM_DE_FAMILLE": st.just(True),
            "INE_RNIE": st.sampled_from(WRONG_INES) | st.integers(0, len(STUDENTS) - 1),
        },
    ),
    max_size=3,
)
guardian_changes = st.dictionaries(
    st.integers(0, len(GUARDIANS) - 1),
    st.fixed_dictionaries(
        {},
        optional={
            "NOM_USAGE": st.just(True),
            "NOM_DE_FAMILLE": st.just(True),
            "MEL": st.integers(1, 2),
            "TEL_PORTABLE": st.integers(1, 2),
        },
    ),
    max_size=3,
)
orders = st.sampled_from(
    [("both",), ("students", "guardians"), ("guardians", "students"), ("students",), ("guardians",)]
)


@st.composite
def histories(draw: st.DrawFn) -> list[Export]:
    students, guardians = _Keys(), _Keys(next_key=100)
    return [
        Export(
            draw(keys_then(students, len(STUDENTS), TWINS)),
            draw(keys_then(guardians, len(GUARDIANS), {})),
            draw(student_changes),
            draw(guardian_changes),
            draw(orders) if number else ("both",),
        )
        for number in range(draw(st.integers(2, 4)))
    ]


def ine_of(person: int) -> str:
    return f"10000000{person}AA"


def borne_by_several(history: list[Export]) -> set[tuple[int, int | str | None]]:
    """Keys under which several students bear one INE in turn: all the file says is that they are one."""
    bearers: dict[tuple[int, int | str | None], set[int]] = {}
    for export in history:
        for person, key in export.student_keys.items():
            for ine in (person, export.student_changes.get(person, {}).get("INE_RNIE")):
                if isinstance(ine, int) or well_formed_ine(ine):
                    bearers.setdefault((key, ine), set()).add(person)
    return {pair for pair, persons in bearers.items() if len(persons) > 1}


def records_of(
    export: Export, untellable: set[tuple[int, int | str | None]], folder: Path, number: int, uai: str = UAI
) -> SchoolFiles:
    """The files, without the wrong INE that make of two students one, for all that is known."""
    students = []
    for person, key in export.student_keys.items():
        name, first, born, sex = STUDENTS[person]
        changes = _named(person, export.student_changes)
        wrong = changes.get("INE_RNIE")
        if (key, wrong) in untellable:
            changes["INE_RNIE"] = None
        elif isinstance(wrong, int):
            changes["INE_RNIE"] = ine_of(wrong)
        says = {"NOM_DE_FAMILLE": name, "PRENOM": first, "DATE_NAISS": born, "CODE_SEXE": sex}
        students.append(student(key, **({**says, "INE_RNIE": ine_of(person), "ADRESSE_ID": person + 1} | changes)))
    guardians = []
    for person, key in export.guardian_keys.items():
        name, first, civility, _ = GUARDIANS[person]
        changes = _named(person, export.guardian_changes)
        says = {
            "NOM_DE_FAMILLE": name,
            "PRENOM": first,
            "LC_CIVILITE": civility,
            "MEL": f"g{person}.{changes.pop('MEL', 0)}@exemple.fr",
            "TEL_PORTABLE": f"06920000{HOUSEHOLDS[person]}{changes.pop('TEL_PORTABLE', 0)}",
            "ADRESSE_ID": person + 1,
        }
        guardians.append(guardian(key, **(says | changes)))
    return SchoolFiles(
        folder,
        uai=uai,
        stamp=f"{SEPTEMBER + timedelta(days=30 * number):%d/%m/%Y} 08:00:00",
        students=students,
        placements=[],
        student_addresses=[address(person + 1, LIGNE1_ADRESSE=f"S{person}") for person in range(len(STUDENTS))],
        guardians=guardians,
        links=[
            link(export.student_keys[child], export.guardian_keys[parent], CODE_PARENTE=_kinship(parent, child))
            for parent, child in families_of(export)
        ],
        addresses=[address(person + 1, LIGNE1_ADRESSE=f"G{person}") for person in range(len(GUARDIANS))],
    )


def _named(person: int, changes: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """What changed of a person, with the name that only this one may get."""
    return {name: OTHER_NAMES[person] if value is True else value for name, value in changes.get(person, {}).items()}


def _kinship(parent: int, child: int) -> str:
    # Whoever is linked for want of another link is no mother: nothing would tell her from the one who is, another day.
    if child not in GUARDIANS[parent][3]:
        return "90"
    if parent == AUNT:
        return "50"
    return "10" if GUARDIANS[parent][2] == "MME" else "20"


def families_of(export: Export) -> list[tuple[int, int]]:
    """Who is whose guardian in truth, of those who are there; one at least: a file without any link is refused."""
    found = [
        (parent, child)
        for parent in export.guardian_keys
        for child in GUARDIANS[parent][3]
        if child in export.student_keys
    ]
    return found or [(next(iter(export.guardian_keys)), next(iter(export.student_keys)))]


def files_in_order(export: Export, files: SchoolFiles) -> Iterator[tuple[str, list[Path]]]:
    """What is imported one after the other: what it is called in `Export.order`, and its files."""
    paths = {"both": files.both(), "students": [files.students_file()], "guardians": [files.guardians_file()]}
    return ((name, paths[name]) for name in export.order)


@dataclass
class Given:
    """What the files of one school gave so far: which key was whose, who was linked to which key."""

    linked: set[tuple[int, int]] = field(default_factory=set)
    named: set[tuple[int, int]] = field(default_factory=set)

    def take(self, export: Export, name: str) -> None:
        """Another file was imported."""
        if name != "guardians":
            self.named |= {(key, person) for person, key in export.student_keys.items()}
        if name != "students":
            self.linked |= {(parent, export.student_keys[child]) for parent, child in families_of(export)}

    def pairs(self) -> set[tuple[str, str]]:
        """Which child each guardian may see, as their addresses name them."""
        return {
            (f"G{parent}", f"S{child}") for parent, key in self.linked for known, child in self.named if known == key
        }


def is_complete(export: Export) -> bool:
    """Whether all of it was imported, in the order in which nothing is left to guess."""
    return export.order in {("both",), ("students", "guardians")}


def forget(database: Database) -> None:
    """Empty the school bases and the directory, for the next history."""
    with database.writing() as session:
        for table in (Establishment, Account, Identifier):
            session.execute(delete(table))


def law(examples: int) -> settings:
    """How many histories are tried on each database: `examples`, or as many as `LAW_EXAMPLES` says."""
    return settings(
        max_examples=int(os.environ.get("LAW_EXAMPLES", examples)),
        suppress_health_check=list(HealthCheck),
        phases=set(Phase) - ({Phase.shrink, Phase.explain} if SEARCHES_FOR_LONG else set()),
        print_blob=SEARCHES_FOR_LONG,
    )
