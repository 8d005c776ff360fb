"""The guardians' file, ResponsablesAvecAdresses.xml, in both dialects."""

from pathlib import Path

from shared.siecle.invented.files.writing import Export, block, element, elements
from shared.siecle.invented.invention import Dialect
from shared.siecle.invented.people.records import Fiche, Link, Role
from shared.siecle.invented.plans import School

_VERSIONS: dict[Dialect, str] = {"2017": "2.0", "2019": "2.1"}
_CIVILITIES = {"M.": "MONSIEUR", "MME": "MADAME", "MLLE": "MADEMOISELLE"}
_LEGAL_2017 = {Role.LEGAL_1: "1", Role.LEGAL_2: "2", Role.IN_CHARGE: "0", Role.CONTACT: "0"}
_LEVEL_2019 = {Role.LEGAL_1: "1", Role.LEGAL_2: "1", Role.IN_CHARGE: "2", Role.CONTACT: "3"}


def open_guardians(folder: Path, school: School, dialect: Dialect) -> Export:
    """The export of guardians, empty."""
    sections = ("PERSONNES", "RESPONSABLES", "ADRESSES")
    return Export(folder, "ResponsablesAvecAdresses", "BEE_RESPONSABLES", _VERSIONS[dialect], school.uai, sections)


def add_guardian(export: Export, fiche: Fiche, person_id: int, address_id: int | None) -> None:
    """Write one person."""
    content = elements(
        (
            ("LC_CIVILITE", fiche.civility),
            ("LL_CIVILITE", _CIVILITIES[fiche.civility]),
            ("NOM_DE_FAMILLE", fiche.family_name),
            ("NOM_USAGE", fiche.usage_name),
            ("PRENOM", fiche.first_name),
            ("TEL_PERSONNEL", fiche.home_phone),
            ("TEL_PORTABLE", fiche.mobile_phone),
            ("ACCEPTE_SMS", int(fiche.accepts_sms)),
            ("TEL_PROFESSIONNEL", fiche.work_phone),
            ("MEL", fiche.email),
            ("COMMUNICATION_ADRESSE", "1"),
            ("ADRESSE_ID", address_id),
            ("CODE_PROFESSION", fiche.profession),
        )
    )
    export.add("PERSONNES", block("PERSONNE", content, PERSONNE_ID=person_id))


def add_link(export: Export, dialect: Dialect, link: Link, student_id: int, person_id: int) -> None:
    """Write the tie between a student and a person, as `dialect` says it."""
    ends = element("ELEVE_ID", student_id) + element("PERSONNE_ID", person_id)
    content = _link_2017(link) if dialect == "2017" else _link_2019(link)
    export.add("RESPONSABLES", block("RESPONSABLE_ELEVE", ends + content))


def _link_2017(link: Link) -> str:
    pays = "1" if link.role is Role.LEGAL_1 else "0"
    return elements(
        (
            ("RESP_LEGAL", _LEGAL_2017[link.role]),
            ("CODE_PARENTE", link.kinship.value),
            ("RESP_FINANCIER", pays),
            ("PERS_PAIEMENT", pays),
            ("PERS_CONTACT", "1" if link.role is Role.CONTACT else "0"),
        )
    )


def _link_2019(link: Link) -> str:
    first = _boolean(link.role is Role.LEGAL_1)
    return elements(
        (
            ("NIVEAU_RESPONSABILITE", _LEVEL_2019[link.role]),
            ("CODE_PARENTE", link.kinship.value),
            ("PAIE_FRAIS_SCOLAIRES", first),
            ("PERCOIT_LES_AIDES", first),
            ("HEBERGE_ELEVE", _boolean(link.hosts)),
            ("A_CONTACTER_EN_PRIORITE", first),
        )
    )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
