"""Reads the blocks of the students' file."""

from lxml import etree

from shared.siecle.exports import is_uai
from shared.siecle.fields import Fields, RecordRefused, date_in, fields_of, key_in
from shared.siecle.identity import well_formed_ine
from shared.siecle.persons import read_contact, read_names
from shared.siecle.records import GrantRecord, PlacementRecord, StudentRecord
from shared.siecle.report import quoted

INE_BY_PREFERENCE = ("INE_RNIE", "ID_NATIONAL", "INE_BEA")
SEXES = {"1": "M", "2": "F"}
DIVISION = "D"
DIVISION_CODE_LENGTH = 20


def read_student(element: etree._Element, warnings: list[str]) -> StudentRecord:
    """One ELEVE.

    DOUBLEMENT, which the ministry requires and nothing here uses, may be missing: no child is left out for it.

    Raises:
        RecordRefused: what is required is missing or makes no sense.
    """
    fields = fields_of(element)
    siecle_id = key_in(element, fields, "ELEVE_ID")
    names = read_names(fields, warnings, of_student=True)
    birth_date = date_in(fields, "DATE_NAISS")
    if birth_date is None:
        raise RecordRefused("DATE_NAISS manque.")
    return StudentRecord(
        siecle_id,
        *names,
        *read_contact(fields, warnings),
        ine=_ine(fields, warnings),
        birth_date=birth_date,
        sex=SEXES.get(fields.get("CODE_SEXE", "")),
        entered_on=date_in(fields, "DATE_ENTREE"),
        left_on=date_in(fields, "DATE_SORTIE"),
        previous_uai=_previous_uai(element),
        address_id=fields.get("ADRESSE_ID") or None,
    )


def _ine(fields: Fields, warnings: list[str]) -> str | None:
    """The first of the national numbers that is well formed, in capitals (R31)."""
    written = [fields[name] for name in INE_BY_PREFERENCE if fields.get(name)]
    ine = next((ine for value in written if (ine := well_formed_ine(value))), None)
    if ine is None and written:
        warnings.append(f"l'INE {quoted(written[0])} n'en est pas un\u00a0: il n'a pas été repris.")
    return ine


def _previous_uai(student: etree._Element) -> str | None:
    written = (student.findtext("SCOLARITE_AN_DERNIER/CODE_RNE") or "").strip().upper()
    return written if is_uai(written) else None


def read_placement(element: etree._Element, warnings: list[str]) -> PlacementRecord | None:
    """The division of one STRUCTURES_ELEVE; None when it holds only groups."""
    codes = [
        division_code(structure.findtext("CODE_STRUCTURE"))
        for structure in element.iterchildren("STRUCTURE")
        if (structure.findtext("TYPE_STRUCTURE") or "").strip() == DIVISION
    ]
    codes = [code for code in codes if code]
    if not codes:
        return None
    if len(set(codes)) > 1:
        warnings.append(f"deux divisions, {' et '.join(map(quoted, codes))}\u00a0: la dernière a été retenue.")
    return PlacementRecord(key_in(element, {}, "ELEVE_ID"), codes[-1])


def division_code(written: str | None) -> str:
    """The code without blanks, since `3 A` and `3A` are one division; empty when there is none.

    Raises:
        RecordRefused: it is longer than any code.
    """
    code = "".join((written or "").split())
    if len(code) > DIVISION_CODE_LENGTH:
        raise RecordRefused(f"le code de division {quoted(code)} est trop long.")
    return code


def read_grant(element: etree._Element, warnings: list[str]) -> GrantRecord | None:
    """One child of BOURSES, whatever its name; None when it names no grant."""
    fields = fields_of(element)
    return GrantRecord(key_in(element, fields, "ELEVE_ID")) if fields.get("CODE_BOURSE") else None
