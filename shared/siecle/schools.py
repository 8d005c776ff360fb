"""Reads what the structures and the communs say: the labels of the divisions, the school itself."""

import re

from lxml import etree

from shared.persons.civilities import civility_in
from shared.siecle.fields import Fields, RecordRefused, email_in, fields_of, phone_in, text_in
from shared.siecle.places import city_in
from shared.siecle.records import DivisionRecord, SchoolRecord
from shared.siecle.students import division_code

SCHOOL_NAME_LENGTH = 200
CODES = ("CODE_STRUCTURE", "CODE_DIVISION", "CODE")
LABELS = ("LIBELLE_LONG", "LIBELLE_COURT", "LIBELLE_EDITION")
EMAILS = ("MEL_1", "MEL")
CITIES = ("LIBELLE_POSTAL", "LL_COMMUNE_INSEE", "COMMUNE_ETRANGERE")
HEADS = ("NOM_RESP", "NOM_CHEF")
HEADS_CIVILITIES = ("CIVILITE_RESP", "CIVILITE_CHEF")
_CIVILITY = re.compile(r"(?P<civility>M\.|MME|MLLE|MR|M|MADAME|MONSIEUR)\s+(?P<name>\S.*)", re.IGNORECASE)


def read_division(element: etree._Element, warnings: list[str]) -> DivisionRecord:
    """One DIVISION of the structures.

    Raises:
        RecordRefused: it has no code.
    """
    fields = fields_of(element)
    code = next((code for name in CODES if (code := division_code(element.get(name) or fields.get(name)))), None)
    if code is None:
        raise RecordRefused("CODE_STRUCTURE manque.")
    return DivisionRecord(code, _first_text(fields, LABELS, warnings))


def read_school(element: etree._Element, warnings: list[str]) -> SchoolRecord:
    """The block UAJ of the communs: name, address, head, e-mail."""
    fields = {leaf.tag: " ".join((leaf.text or "").split()) for leaf in element.iterdescendants() if len(leaf) == 0}
    civility, head = _head(fields, warnings)
    return SchoolRecord(
        name=_school_name(fields, warnings),
        address_line1=text_in(fields, "LIGNE1_ADRESSE", warnings),
        address_line2=text_in(fields, "LIGNE2_ADRESSE", warnings),
        postal_code=text_in(fields, "CODE_POSTAL", warnings, 10),
        city=city_in(fields, warnings, *CITIES),
        phone=phone_in(fields, "TELEPHONE", warnings),
        email=next((email for name in EMAILS if (email := email_in(fields, name, warnings))), None),
        head_civility=civility,
        head_name=head,
    )


def _first_text(fields: Fields, names: tuple[str, ...], warnings: list[str]) -> str | None:
    return next((text for name in names if (text := text_in(fields, name, warnings))), None)


def _school_name(fields: Fields, warnings: list[str]) -> str | None:
    parts = [text_in(fields, name, warnings) for name in ("DENOM_PRINC", "DENOM_COMPL")]
    written = " ".join(part for part in parts if part)
    return written[:SCHOOL_NAME_LENGTH] or text_in(fields, "SIGLE", warnings)


def _head(fields: Fields, warnings: list[str]) -> tuple[str | None, str | None]:
    """The civility and the name of the head, which files write together or apart."""
    written = _first_text(fields, HEADS, warnings)
    if written is None:
        return None, None
    together = _CIVILITY.fullmatch(written)
    if together is not None:
        return civility_in(together["civility"]), together["name"]
    return civility_in(_first_text(fields, HEADS_CIVILITIES, warnings)), written
