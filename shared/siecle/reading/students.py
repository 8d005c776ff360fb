"""Reads the blocks of the students' file."""

from lxml import etree

from shared.establishments.codes.divisions import DIVISION_CODE_LENGTH
from shared.establishments.codes.uai import has_form
from shared.persons.identity import well_formed_ine
from shared.siecle.reading.fields import (
    IN_SIECLE,
    Fields,
    Reading,
    date_in,
    fields_of,
    has_markup,
    key_in,
    one_of,
    text_at,
)
from shared.siecle.reading.persons import read_contact, read_names
from shared.siecle.reading.records import GrantRecord, PlacementRecord, StudentRecord
from shared.siecle.report import quoted

INE_BY_PREFERENCE = ("INE_RNIE", "ID_NATIONAL", "INE_BEA")
SEXES = {"1": "M", "2": "F"}
DIVISION, GROUP = "D", "G"
LAST_SCHOOL = "SCOLARITE_AN_DERNIER"


def read_student(element: etree._Element, reading: Reading) -> StudentRecord:
    """One ELEVE.

    DOUBLEMENT, which the ministry requires and nothing here uses, may be missing, and so may the birth date: no child
    is left out for it.

    Raises:
        RecordRefused: it has no key, or no name at all.
    """
    fields = fields_of(element)
    siecle_id = key_in(element, fields, "ELEVE_ID")
    names = read_names(fields, reading, of_student=True)
    birth_date = date_in(fields, "DATE_NAISS", reading)
    if not fields.get("DATE_NAISS"):
        reading.warn(f"DATE_NAISS manque\u00a0: l'élève est repris sans date de naissance. {IN_SIECLE}")
    return StudentRecord(
        siecle_id,
        *names,
        *read_contact(fields, reading),
        ine=_ine(fields, reading),
        birth_date=birth_date,
        sex=one_of(SEXES, fields, "CODE_SEXE", reading),
        entered_on=date_in(fields, "DATE_ENTREE", reading),
        left_on=date_in(fields, "DATE_SORTIE", reading),
        previous_uai=_previous_uai(element, reading),
        address_id=fields.get("ADRESSE_ID") or None,
    )


def _ine(fields: Fields, reading: Reading) -> str | None:
    """The first of the national numbers that is well formed, in capitals (R31)."""
    written = [fields[name] for name in INE_BY_PREFERENCE if fields.get(name)]
    ine = next((ine for value in written if (ine := well_formed_ine(value))), None)
    if ine is None and written:
        reading.warn(f"l'INE {quoted(written[0])} n'en est pas un\u00a0: il n'a pas été repris. {IN_SIECLE}")
    return ine


def _previous_uai(student: etree._Element, reading: Reading) -> str | None:
    written = next(filter(None, (text_at(last, "CODE_RNE") for last in student.iterchildren(LAST_SCHOOL))), "")
    if written and not has_form(written.upper()):
        reading.leave_out("CODE_RNE", written, "n'est pas un UAI")
        return None
    return written.upper() or None


def read_placement(element: etree._Element, reading: Reading) -> PlacementRecord | None:
    """The division of one STRUCTURES_ELEVE; None when it holds only groups, or no code that could be one."""
    codes = [code for structure in element.iterchildren("STRUCTURE") if (code := _division(structure, reading))]
    if not codes:
        return None
    if len(set(codes)) > 1:
        reading.warn(f"deux divisions, {' et '.join(map(quoted, codes))}\u00a0: la dernière a été retenue.")
    return PlacementRecord(key_in(element, {}, "ELEVE_ID"), codes[-1])


def _division(structure: etree._Element, reading: Reading) -> str | None:
    sort, code = text_at(structure, "TYPE_STRUCTURE"), text_at(structure, "CODE_STRUCTURE")
    if sort == DIVISION:
        return division_code(code, reading)
    if sort != GROUP:
        reading.leave_out("TYPE_STRUCTURE", sort, f"ne dit pas si {quoted(code)} est une division (D) ou un groupe (G)")
    return None


def division_code(code: str, reading: Reading) -> str | None:
    """The code as it is written; left out, with a warning, when it is longer than any."""
    if len(code) > DIVISION_CODE_LENGTH or has_markup(code):
        reading.leave_out(
            "CODE_STRUCTURE", code, f"n'est pas un code de division ({DIVISION_CODE_LENGTH} signes au plus)"
        )
        return None
    return code or None


def read_grant(element: etree._Element, reading: Reading) -> GrantRecord | None:
    """One child of BOURSES, whatever its name; None when it names no grant."""
    fields = fields_of(element)
    return GrantRecord(key_in(element, fields, "ELEVE_ID")) if fields.get("CODE_BOURSE") else None
