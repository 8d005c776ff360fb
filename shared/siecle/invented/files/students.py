"""The students' file: ElevesAvecAdresses.xml."""

from dataclasses import dataclass
from pathlib import Path

from shared.siecle.invented.files.writing import Export, block, element, elements
from shared.siecle.invented.invention import Dialect
from shared.siecle.invented.people.records import Child
from shared.siecle.invented.plans import School

_VERSIONS: dict[Dialect, str] = {"2017": "2.0", "2019": "3.0"}
_MEFS = {6: "10010012110", 5: "10110001110", 4: "10210001110", 3: "10310019110"}
_LEFT_FOR_ANOTHER_SCHOOL = "4"


def open_students(folder: Path, school: School, dialect: Dialect) -> Export:
    """The export of students, empty."""
    sections = ("ELEVES", "OPTIONS", "STRUCTURES", "BOURSES", "ADRESSES")
    return Export(folder, "ElevesAvecAdresses", "BEE_ELEVES", _VERSIONS[dialect], school.uai, sections)


@dataclass(frozen=True, slots=True)
class StudentKeys:
    """The numbers that name a student in one file."""

    student_id: int
    rank: int
    """Of the student in the school: it makes ELENOET and ID_ELEVE_ETAB."""
    address_id: int

    @property
    def elenoet(self) -> int:
        """The number of the student in the school."""
        return 5_000 + self.rank


def add_student(export: Export, school: School, dialect: Dialect, child: Child, numbers: StudentKeys) -> None:
    """Write one student in every section that speaks of students."""
    keys = {"ELEVE_ID": numbers.student_id, "ELENOET": numbers.elenoet}
    export.add("ELEVES", block("ELEVE", _identity(school, dialect, child, numbers), **keys))
    language = (("NUM_OPTION", "1"), ("CODE_MODALITE_ELECT", "O"), ("CODE_MATIERE", "030201"))
    export.add("OPTIONS", block("OPTION", block("OPTIONS_ELEVE", elements(language)), **keys))
    structures = _structures(school, child)
    if structures:
        export.add("STRUCTURES", block("STRUCTURES_ELEVE", structures, **keys))
    if child.scholarship:
        export.add("BOURSES", block("BOURSE", element("CODE_BOURSE", child.scholarship), ELEVE_ID=numbers.student_id))


def _identity(school: School, dialect: Dialect, child: Child, numbers: StudentKeys) -> str:
    first, second, third = (*child.first_names, None, None)[:3]
    return elements(
        (
            ("ID_NATIONAL", child.ine),
            ("INE_RNIE" if dialect == "2019" else "INE_BEA", child.ine),
            ("ELENOET", numbers.elenoet),
            ("ID_ELEVE_ETAB", f"{numbers.elenoet % 100_000:05d}{school.uai[1:7]}"),
            ("NOM_DE_FAMILLE", child.family_name),
            ("NOM_USAGE", child.usage_name),
            ("PRENOM", first),
            ("PRENOM2", second),
            ("PRENOM3", third),
            ("DATE_NAISS", child.birth_date),
            ("DOUBLEMENT", int(child.repeats)),
            ("CODE_PAYS", "100"),
            ("TEL_PORTABLE", child.mobile_phone),
            ("MEL", child.email),
            ("ACCEPTE_SMS", "0"),
            ("CODE_REGIME", "2" if int(child.seat * 1000) % 3 else "0"),
            ("DATE_ENTREE", child.entered_on),
            ("DATE_SORTIE", child.left_on),
            ("CODE_MOTIF_SORTIE", _LEFT_FOR_ANOTHER_SCHOOL if child.left_on else None),
            ("CODE_SEXE", child.sex),
            ("CODE_STATUT", "ST"),
            ("CODE_MEF", _MEFS[child.level]),
            ("ADRESSE_ID", numbers.address_id),
        )
    ) + block("SCOLARITE_AN_DERNIER", _last_year(school, child))


def _last_year(school: School, child: Child) -> str:
    """Where the student comes from: the school just left, the primary school, or this one."""
    if child.came_from:
        return elements((("CODE_RNE", child.came_from), ("SIGLE", "CLG"), ("DENOM_PRINC", "COLLEGE")))
    if child.level == 6 and not child.repeats:
        return elements((("SIGLE", "E.E.PU"), ("DENOM_PRINC", "ECOLE ELEMENTAIRE PUBLIQUE")))
    level = child.level if child.repeats else child.level + 1
    return elements(
        (
            ("CODE_STRUCTURE", school.division(level, child.seat)),
            ("CODE_RNE", school.uai),
            ("SIGLE", "CLG"),
            ("DENOM_PRINC", "COLLEGE"),
            ("DENOM_COMPL", school.patron.upper()),
        )
    )


def _structures(school: School, child: Child) -> str:
    """The division and the groups; half of those who left have been taken out of theirs."""
    if child.left_on and child.seat < 0.5:
        return ""
    codes = [(school.division(child.level, child.seat), "D"), *((group, "G") for group in child.groups)]
    return "".join(
        block("STRUCTURE", elements((("CODE_STRUCTURE", code), ("TYPE_STRUCTURE", kind)))) for code, kind in codes
    )
