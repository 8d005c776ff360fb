"""Reads what the structures and the communs say: the labels of the divisions, the school itself."""

import re

from lxml import etree

from shared.persons.civilities import civility_in
from shared.siecle.reading.fields import Fields, Reading, RecordRefused, email_in, fields_of, phone_in, text_in
from shared.siecle.reading.places import city_in
from shared.siecle.reading.records import DivisionRecord, SchoolRecord
from shared.siecle.reading.students import division_code
from shared.siecle.values.texts import cleaned

SCHOOL_NAME_LENGTH = 200
CODES = ("CODE_STRUCTURE", "CODE_DIVISION", "CODE")
LABELS = ("LIBELLE_LONG", "LIBELLE_COURT", "LIBELLE_EDITION")
EMAILS = ("MEL_1", "MEL")
CITIES = ("LIBELLE_POSTAL", "LL_COMMUNE_INSEE", "COMMUNE_ETRANGERE")
HEADS = ("NOM_RESP", "NOM_CHEF")
HEADS_CIVILITIES = ("CIVILITE_RESP", "CIVILITE_CHEF")
_CIVILITY = re.compile(r"(?P<civility>M\.|MME|MLLE|MR|M|MADAME|MONSIEUR)\s+(?P<name>\S.*)", re.IGNORECASE)


def read_division(element: etree._Element, reading: Reading) -> DivisionRecord:
    """One DIVISION of the structures.

    Raises:
        RecordRefused: it has no code.
    """
    fields = fields_of(element)
    written = (cleaned(element.get(name) or fields.get(name) or "") for name in CODES)
    code = next((code for text in written if (code := division_code(text, reading))), None)
    if code is None:
        raise RecordRefused("CODE_STRUCTURE manque.")
    return DivisionRecord(code, _first_text(fields, LABELS, reading))


def read_school(element: etree._Element, reading: Reading) -> SchoolRecord:
    """The block UAJ of the communs: name, address, head, e-mail."""
    fields = {leaf.tag: cleaned(leaf.text or "") for leaf in element.iterdescendants() if len(leaf) == 0}
    civility, head = _head(fields, reading)
    return SchoolRecord(
        name=_school_name(fields, reading),
        address_line1=text_in(fields, "LIGNE1_ADRESSE", reading),
        address_line2=text_in(fields, "LIGNE2_ADRESSE", reading),
        postal_code=text_in(fields, "CODE_POSTAL", reading, 10),
        city=city_in(fields, reading, *CITIES),
        phone=phone_in(fields, "TELEPHONE", reading),
        email=next((email for name in EMAILS if (email := email_in(fields, name, reading))), None),
        head_civility=civility,
        head_name=head,
    )


def _first_text(fields: Fields, names: tuple[str, ...], reading: Reading) -> str | None:
    return next((text for name in names if (text := text_in(fields, name, reading))), None)


def _school_name(fields: Fields, reading: Reading) -> str | None:
    parts = [text_in(fields, name, reading) for name in ("DENOM_PRINC", "DENOM_COMPL")]
    written = " ".join(part for part in parts if part)
    return written[:SCHOOL_NAME_LENGTH] or text_in(fields, "SIGLE", reading)


def _head(fields: Fields, reading: Reading) -> tuple[str | None, str | None]:
    """The civility and the name of the head, which files write together or apart."""
    written = _first_text(fields, HEADS, reading)
    if written is None:
        return None, None
    together = _CIVILITY.fullmatch(written)
    if together is not None:
        return civility_in(together["civility"]), together["name"]
    return civility_in(_first_text(fields, HEADS_CIVILITIES, reading)), written
