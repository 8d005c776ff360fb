"""The records of the files, as they wait in the staging tables: the names of the fields are those of the columns.

Dates are texts in ISO 8601, which both databases take for their columns of dates.
"""

from typing import NamedTuple


class StudentRecord(NamedTuple):
    """ELEVES/ELEVE."""

    siecle_id: str
    family_name: str
    usage_name: str | None
    first_name: str
    name_key: str
    birth_name_key: str
    name_flag: str | None
    staff_note: str | None
    hold: str | None
    written_family_name: str | None
    written_usage_name: str | None
    written_first_name: str | None
    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None
    ine: str | None
    birth_date: str | None
    sex: str | None
    entered_on: str | None
    left_on: str | None
    previous_uai: str | None
    address_id: str | None


class GuardianRecord(NamedTuple):
    """PERSONNES/PERSONNE."""

    siecle_id: str
    family_name: str
    usage_name: str | None
    first_name: str
    name_key: str
    birth_name_key: str
    name_flag: str | None
    staff_note: str | None
    hold: str | None
    written_family_name: str | None
    written_usage_name: str | None
    written_first_name: str | None
    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None
    civility: str | None
    accepts_sms: bool | None
    profession_code: str | None
    address_id: str | None


class LinkRecord(NamedTuple):
    """RESPONSABLES/RESPONSABLE_ELEVE, in either dialect."""

    student_siecle_id: str
    guardian_siecle_id: str
    legal_rank: int | None
    """Written in the file (2017), or None until it is worked out from `level` (2019)."""
    level: int | None
    """NIVEAU_RESPONSABILITE (2019): 1 legal representative, 2 person in charge, 3 contact."""
    kinship_code: str | None
    pays_fees: bool | None
    receives_aid: bool | None
    contact_first: bool | None
    rank_is_unknown: bool
    """Neither RESP_LEGAL nor NIVEAU_RESPONSABILITE can be read: the rank of the base, if it has one, stays."""


class AddressRecord(NamedTuple):
    """ADRESSES/ADRESSE."""

    address_id: str
    address_line1: str | None
    address_line2: str | None
    address_line3: str | None
    address_line4: str | None
    po_box: str | None
    postal_code: str | None
    city: str | None
    country: str | None


class PlacementRecord(NamedTuple):
    """STRUCTURES/STRUCTURES_ELEVE: the division of a student."""

    siecle_id: str
    division_code: str


class GrantRecord(NamedTuple):
    """A child of BOURSES: this student holds a grant."""

    siecle_id: str


class DivisionRecord(NamedTuple):
    """DIVISIONS/DIVISION of the structures."""

    code: str
    label: str | None


class SchoolRecord(NamedTuple):
    """UAJ of the communs."""

    name: str | None
    address_line1: str | None
    address_line2: str | None
    postal_code: str | None
    city: str | None
    phone: str | None
    email: str | None
    head_civility: str | None
    head_name: str | None
