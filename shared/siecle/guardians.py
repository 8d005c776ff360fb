"""Reads the blocks of the guardians' file, and the addresses that both files hold."""

from collections.abc import Mapping
from typing import TypeVar

from lxml import etree

from shared.siecle.fields import Fields, RecordRefused, fields_of, key_in, text_in, yes_or_no
from shared.siecle.legal_ranks import CONTACT, LEGAL_REPRESENTATIVE, PERSON_IN_CHARGE
from shared.siecle.persons import read_contact, read_names
from shared.siecle.records import AddressRecord, GuardianRecord, LinkRecord
from shared.siecle.report import quoted

FRANCE = "100"
LEGAL_RANKS_OF_2017 = {"0": None, "1": 1, "2": 2}
LEVELS_OF_2019 = {"1": LEGAL_REPRESENTATIVE, "2": PERSON_IN_CHARGE, "3": CONTACT}

Meaning = TypeVar("Meaning")


def read_guardian(element: etree._Element, warnings: list[str]) -> GuardianRecord:
    """One PERSONNE.

    Raises:
        RecordRefused: what is required is missing or makes no sense.
    """
    fields = fields_of(element)
    return GuardianRecord(
        key_in(element, fields, "PERSONNE_ID"),
        *read_names(fields, warnings),
        *read_contact(fields, warnings),
        civility=text_in(fields, "LC_CIVILITE", warnings, 10) or text_in(fields, "LL_CIVILITE", warnings, 10),
        accepts_sms=yes_or_no(fields, "ACCEPTE_SMS"),
        profession_code=text_in(fields, "CODE_PROFESSION", warnings, 2),
        address_id=fields.get("ADRESSE_ID") or None,
    )


def read_link(element: etree._Element, warnings: list[str]) -> LinkRecord:
    """One RESPONSABLE_ELEVE, in the dialect of 2017 or of 2019.

    Raises:
        RecordRefused: what is required is missing or makes no sense.
    """
    fields = fields_of(element)
    student, guardian = key_in(element, fields, "ELEVE_ID"), key_in(element, fields, "PERSONNE_ID")
    kinship = text_in(fields, "CODE_PARENTE", warnings, 10)
    if kinship is None:
        raise RecordRefused("CODE_PARENTE manque.")
    if fields.get("NIVEAU_RESPONSABILITE"):
        return LinkRecord(
            student,
            guardian,
            legal_rank=None,
            level=_one_of(LEVELS_OF_2019, fields, "NIVEAU_RESPONSABILITE"),
            kinship_code=kinship,
            pays_fees=yes_or_no(fields, "PAIE_FRAIS_SCOLAIRES"),
            receives_aid=yes_or_no(fields, "PERCOIT_LES_AIDES"),
            contact_first=yes_or_no(fields, "A_CONTACTER_EN_PRIORITE"),
        )
    return LinkRecord(
        student,
        guardian,
        legal_rank=_one_of(LEGAL_RANKS_OF_2017, fields, "RESP_LEGAL"),
        level=None,
        kinship_code=kinship,
        pays_fees=yes_or_no(fields, "RESP_FINANCIER"),
        receives_aid=yes_or_no(fields, "PERS_PAIEMENT"),
        contact_first=yes_or_no(fields, "PERS_CONTACT"),
    )


def _one_of(meanings: Mapping[str, Meaning], fields: Fields, name: str) -> Meaning:
    value = fields.get(name)
    if not value:
        raise RecordRefused(f"{name} manque\u00a0: ce responsable est-il représentant légal\u00a0?")
    if value not in meanings:
        raise RecordRefused(f"{name} vaut {quoted(value)}\u00a0: valeurs possibles {', '.join(meanings)}.")
    return meanings[value]


def read_address(element: etree._Element, warnings: list[str]) -> AddressRecord:
    """One ADRESSE; the country is kept only when it is not France.

    Raises:
        RecordRefused: it has no key.
    """
    fields = fields_of(element)
    abroad = fields.get("CODE_PAYS", FRANCE) not in {FRANCE, ""}
    line1, line2, line3, line4 = (text_in(fields, f"LIGNE{line}_ADRESSE", warnings) for line in range(1, 5))
    return AddressRecord(
        key_in(element, fields, "ADRESSE_ID"),
        line1,
        line2,
        line3,
        line4,
        po_box=text_in(fields, "BOITE_POSTALE", warnings),
        postal_code=text_in(fields, "CODE_POSTAL", warnings, 10),
        city=text_in(fields, "LIBELLE_POSTAL", warnings) or text_in(fields, "COMMUNE_ETRANGERE", warnings),
        country=text_in(fields, "LL_PAYS", warnings) if abroad else None,
    )
