"""Reads the blocks of the guardians' file, and the addresses that both files hold."""

from lxml import etree

from shared.persons.civilities import civility_in
from shared.siecle.reading.fields import IN_SIECLE, Fields, Reading, fields_of, key_in, one_of, text_in, yes_or_no
from shared.siecle.reading.legal_ranks import CONTACT, LEGAL_REPRESENTATIVE, PERSON_IN_CHARGE
from shared.siecle.reading.persons import read_contact, read_names
from shared.siecle.reading.places import city_in, country_in, postal_code_in, streets_in
from shared.siecle.reading.records import AddressRecord, GuardianRecord, LinkRecord
from shared.siecle.report import quoted

CIVILITIES = ("LC_CIVILITE", "LL_CIVILITE")
RANK, LEVEL = "RESP_LEGAL", "NIVEAU_RESPONSABILITE"
LEGAL_RANKS_OF_2017 = {"0": 0, "1": 1, "2": 2}
LEVELS_OF_2019 = {"1": LEGAL_REPRESENTATIVE, "2": PERSON_IN_CHARGE, "3": CONTACT}
FLAGS_OF_2017 = ("RESP_FINANCIER", "PERS_PAIEMENT", "PERS_CONTACT")
FLAGS_OF_2019 = ("PAIE_FRAIS_SCOLAIRES", "PERCOIT_LES_AIDES", "A_CONTACTER_EN_PRIORITE")
FOREIGN_TOWN = "COMMUNE_ETRANGERE"
KINSHIP_LENGTH = 10


def read_guardian(element: etree._Element, reading: Reading) -> GuardianRecord:
    """One PERSONNE.

    Raises:
        RecordRefused: it has no key, or no name at all.
    """
    fields = fields_of(element)
    key, names = key_in(element, fields, "PERSONNE_ID"), read_names(fields, reading, of_student=False)
    return GuardianRecord(
        key,
        *names,
        *read_contact(fields, reading),
        civility=None if names.is_organisation else _civility(fields, reading),
        accepts_sms=yes_or_no(fields, "ACCEPTE_SMS", reading),
        profession_code=text_in(fields, "CODE_PROFESSION", reading, 2),
        address_id=fields.get("ADRESSE_ID") or None,
    )


def _civility(fields: Fields, reading: Reading) -> str | None:
    written = [text for name in CIVILITIES if (text := text_in(fields, name, reading))]
    found = next((civility for text in written if (civility := civility_in(text))), None)
    if written and found is None:
        reading.warn(f"la civilité {quoted(written[0])} n'est pas connue\u00a0: elle n'a pas été reprise. {IN_SIECLE}")
    return found


def read_link(element: etree._Element, reading: Reading) -> LinkRecord:
    """One RESPONSABLE_ELEVE, in the dialect of 2017 or of 2019; whatever else is wrong, the link itself stays.

    Raises:
        RecordRefused: it does not say whom it links.
    """
    fields = fields_of(element)
    student, guardian = key_in(element, fields, "ELEVE_ID"), key_in(element, fields, "PERSONNE_ID")
    kinship = text_in(fields, "CODE_PARENTE", reading, KINSHIP_LENGTH)
    if not fields.get("CODE_PARENTE"):
        reading.warn(f"CODE_PARENTE manque\u00a0: le lien est repris sans parenté. {IN_SIECLE}")
    level = one_of(LEVELS_OF_2019, fields, LEVEL, reading)
    rank = None if level is not None else one_of(LEGAL_RANKS_OF_2017, fields, RANK, reading)
    if level is None and rank is None:
        _say_rank_is_unknown(fields, reading)
    pays, receives, first = FLAGS_OF_2019 if level is not None or LEVEL in fields else FLAGS_OF_2017
    return LinkRecord(
        student,
        guardian,
        legal_rank=rank or None,
        level=level,
        kinship_code=kinship,
        pays_fees=yes_or_no(fields, pays, reading),
        receives_aid=yes_or_no(fields, receives, reading),
        contact_first=yes_or_no(fields, first, reading),
        rank_is_unknown=level is None and rank is None,
    )


def _say_rank_is_unknown(fields: Fields, reading: Reading) -> None:
    written = fields.get(LEVEL) or fields.get(RANK)
    said = f"ne se lit pas dans {quoted(written)}" if written else f"manque ({LEVEL} ou {RANK})"
    reading.warn(
        f"la responsabilité légale {said}\u00a0: le lien garde celle qui était connue, sinon il n'en a pas, et ce "
        f"responsable n'a ni compte ni courrier. {IN_SIECLE}"
    )


def read_address(element: etree._Element, reading: Reading) -> AddressRecord:
    """One ADRESSE; the country is kept only when it is not France.

    Raises:
        RecordRefused: it has no key.
    """
    fields = fields_of(element)
    key, country = key_in(element, fields, "ADRESSE_ID"), country_in(fields, reading)
    streets, city = streets_in(fields, reading), city_in(fields, reading, "LIBELLE_POSTAL", FOREIGN_TOWN)
    if country is None and city and city == fields.get(FOREIGN_TOWN) and not fields.get("LIBELLE_POSTAL"):
        reading.warn(
            f"{FOREIGN_TOWN} est rempli ({quoted(city)}) sans pays étranger\u00a0: aucun pays n'est écrit sous "
            f"l'adresse. {IN_SIECLE}"
        )
    return AddressRecord(
        key,
        *streets,
        po_box=text_in(fields, "BOITE_POSTALE", reading),
        postal_code=postal_code_in(fields, reading, is_abroad=country is not None or bool(fields.get(FOREIGN_TOWN))),
        city=city,
        country=country,
    )
