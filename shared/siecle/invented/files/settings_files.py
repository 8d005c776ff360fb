"""The small files about the school itself: Structures.xml, Communs.xml, Nomenclature.xml."""

from pathlib import Path

from shared.siecle.invented.files.writing import Export, block, element, elements
from shared.siecle.invented.people.children import GROUPS, SCHOLARSHIPS
from shared.siecle.invented.people.records import Kinship
from shared.siecle.invented.plans import School

_KINSHIPS = {
    Kinship.MOTHER: "MERE",
    Kinship.FATHER: "PERE",
    Kinship.SIBLING: "FRATRIE",
    Kinship.GRANDPARENT: "ASCENDANT",
    Kinship.RELATIVE: "AUTRE MEMBRE DE LA FAMILLE",
    Kinship.CHILD_WELFARE: "AIDE SOCIALE A L'ENFANCE",
}
_CIVILITIES = {"M.": "MONSIEUR", "MME": "MADAME", "MLLE": "MADEMOISELLE"}


def write_structures(folder: Path, school: School) -> Path:
    """The divisions and groups, with their labels; returns the zip."""
    with Export(folder, "Structures", "BEE_STRUCTURES", "2.0", school.uai, ("DIVISIONS", "GROUPES")) as export:
        for level, codes in school.divisions.items():
            for code in codes:
                label = element("LIBELLE_LONG", f"{level}EME {code[1:].strip()}")
                export.add("DIVISIONS", block("DIVISION", label, CODE_STRUCTURE=code))
        for labels in GROUPS.values():
            for code, label in labels.items():
                export.add("GROUPES", block("GROUPE", element("LIBELLE_LONG", label), CODE_STRUCTURE=code))
    return export.path


def write_communs(folder: Path, school: School) -> Path:
    """Name, address, head and e-mail of the school; returns the zip."""
    with Export(folder, "Communs", "BEE_COMMUN", "2.0", school.uai, ("UAJ",)) as export:
        export.add(
            "UAJ",
            elements(
                (
                    ("CODE_RNE", school.uai),
                    ("SIGLE", "CLG"),
                    ("DENOM_PRINC", "COLLEGE"),
                    ("DENOM_COMPL", school.patron.upper()),
                    ("LIGNE1_ADRESSE", school.street),
                    ("LIGNE2_ADRESSE", ""),
                    ("CODE_POSTAL", school.postal_code),
                    ("LIBELLE_POSTAL", school.city),
                    ("CODE_COMMUNE_INSEE", school.insee_code),
                    ("TELEPHONE", f"02629{school.uai[2:7]}"),
                    ("MEL_1", f"ce.{school.uai.lower()}@example.org"),
                    ("CIVILITE_CHEF", school.head_civility),
                    ("NOM_CHEF", school.head_name),
                )
            ),
        )
    return export.path


def write_nomenclature(folder: Path, school: School) -> Path:
    """The labels of kinship, civilities and grants; returns the zip."""
    sections = ("LIENS_PARENTE", "CIVILITES", "BOURSES")
    with Export(folder, "Nomenclature", "BEE_NOMENCLATURES", "3.1", school.uai, sections) as export:
        for kinship, label in _KINSHIPS.items():
            export.add("LIENS_PARENTE", _entry("LIEN_PARENTE", "CODE_PARENTE", kinship.value, label))
        for code, label in _CIVILITIES.items():
            export.add("CIVILITES", _entry("CIVILITE", "CODE_CIVILITE", code, label))
        for code, label in SCHOLARSHIPS.items():
            export.add("BOURSES", _entry("BOURSE", "CODE_BOURSE", code, label))
    return export.path


def _entry(name: str, key: str, code: str, label: str) -> str:
    content = element("LIBELLE_COURT", label[:20]) + element("LIBELLE_LONG", label)
    return block(name, content, **{key: code})
