"""Reads the blocks of the guardians' file, and the addresses that both files hold."""

from collections.abc import Mapping
from typing import TypeVar

from lxml import etree

from shared.persons.civilities import civility_in
from shared.siecle.fields import Fields, RecordRefused, fields_of, key_in, text_in, yes_or_no
from shared.siecle.legal_ranks import CONTACT, LEGAL_REPRESENTATIVE, PERSON_IN_CHARGE
from shared.siecle.persons import read_contact, read_names
from shared.siecle.places import city_in, streets_in
from shared.siecle.records import AddressRecord, GuardianRecord, LinkRecord
from shared.siecle.report import quoted

CIVILITIES = ("LC_CIVILITE", "LL_CIVILITE")
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
    key, names = key_in(element, fields, "PERSONNE_ID"), read_names(fields, warnings, of_student=False)
    return GuardianRecord(
        key,
        *names,
        *read_contact(fields, warnings),
        civility=None if names.is_organisation else _civility(fields, warnings),
        accepts_sms=yes_or_no(fields, "ACCEPTE_SMS"),
        profession_code=text_in(fields, "CODE_PROFESSION", warnings, 2),
        address_id=fields.get("ADRESSE_ID") or None,
    )


def _civility(fields: Fields, warnings: list[str]) -> str | None:
    written = [text for name in CIVILITIES if (text := text_in(fields, name, warnings))]
    found = next((civility for text in written if (civility := civility_in(text))), None)
    if written and found is None:
        warnings.append(f"la civilité {quoted(written[0])} n'est pas connue\u00a0: elle n'a pas été reprise.")
    return found


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
    return AddressRecord(
        key_in(element, fields, "ADRESSE_ID"),
        *streets_in(fields, warnings),
        po_box=text_in(fields, "BOITE_POSTALE", warnings),
        postal_code=text_in(fields, "CODE_POSTAL", warnings, 10),
        city=city_in(fields, warnings, "LIBELLE_POSTAL", "COMMUNE_ETRANGERE"),
        country=text_in(fields, "LL_PAYS", warnings) if abroad else None,
    )
