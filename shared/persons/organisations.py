"""Guardians who are no persons: the département, a home for children, an association. Pure functions."""

import re

from shared.persons.remarks import plain

_WORDS = re.compile(
    r"(?<!\w)(?:ase|aide\s+sociale|accueil|apprentis|asso(?:ciation)?|cada|ccas|centre|commune|conseil|croix|cd\s?\d+|cg\s?\d+"
    r"|collectivite|departement\w*|dase|direction|ehpad|etablissement|fondation|foyer|hopital|internat|institut\w*|itep"
    r"|ime|juge|mairie|maison|mecs|mission|ofii|pjj|pouponniere|prefecture|procureur|region|secours|service\w*"
    r"|societe|tribunal|tutelles?|udaf|unite|ville|village)(?!\w)"
)


def is_organisation(name: str, first_name: str) -> bool:
    """Whether a fiche is that of an organisation: no first name, and a word that names one."""
    return not first_name and _WORDS.search(plain(name)) is not None
