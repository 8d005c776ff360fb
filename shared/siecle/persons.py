"""What students and guardians have in common: their names, and the keys that lists are sorted by."""

from functools import lru_cache
from typing import NamedTuple

from shared.models.school import NAME_LENGTH, NameFlag
from shared.names import fold, name_flag
from shared.siecle.fields import Fields, RecordRefused, composed, email_in, has_forbidden_sign, phone_in
from shared.siecle.report import quoted

KEY_LENGTH = 250
FAMILY_NAME = ("NOM_DE_FAMILLE", "NOM")
"""The element, as newer then older files call it."""

_TO_CORRECT = {
    NameFlag.COMMENT: "contient un commentaire",
    NameFlag.LOST_CHARACTER: "contient un caractère perdu",
    NameFlag.DIGITS: "contient des chiffres",
    NameFlag.NO_FIRST_NAME: "n'a pas de prénom",
}

# A school has a few hundred first names and shares its family names: folding is done once for each.
_folded = lru_cache(maxsize=16_384)(fold)


class Names(NamedTuple):
    """The names of a person, in the order of the columns of a record."""

    family_name: str
    usage_name: str | None
    first_name: str
    name_key: str
    birth_name_key: str
    name_flag: str | None


class Contact(NamedTuple):
    """Where to write to a person and call, in the order of the columns of a record."""

    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None


def read_names(fields: Fields, warnings: list[str]) -> Names:
    """The names, as written; what staff should correct in SIECLE is flagged, and warned of.

    Raises:
        RecordRefused: a required name is missing, has no letter, is too long, or holds what no name holds.
    """
    family_name = _name(fields, next((name for name in FAMILY_NAME if name in fields), FAMILY_NAME[0]))
    if not any(character.isalpha() for character in family_name):
        raise RecordRefused(f"le nom de famille {quoted(family_name)} ne contient aucune lettre.")
    first_name = _name(fields, "PRENOM")
    usage_name = (_name(fields, "NOM_USAGE") or None) if "NOM_USAGE" in fields else None
    flag = name_flag(family_name, usage_name, first_name=first_name)
    if flag is not None:
        written = " ".join(filter(None, (family_name, usage_name, first_name)))
        warnings.append(f"nom à corriger dans SIECLE\u00a0: {quoted(written)} {_TO_CORRECT[flag]}.")
    birth_key = _key(family_name, first_name)
    key = birth_key if usage_name is None else _key(usage_name, first_name)
    return Names(family_name, usage_name, first_name, key, birth_key, None if flag is None else flag.value)


def _name(fields: Fields, element: str) -> str:
    if element not in fields:
        raise RecordRefused(f"{element} manque.")
    value = composed(fields[element])
    if len(value) > NAME_LENGTH:
        raise RecordRefused(f"{element} est trop long ({len(value)} caractères, {NAME_LENGTH} au plus).")
    if has_forbidden_sign(value):
        raise RecordRefused(f"{element} contient des signes qui ne s'écrivent pas dans un nom\u00a0: {quoted(value)}.")
    return value


def _key(last_name: str, first_name: str) -> str:
    # The same key as `shared.names.name_key`, from folded parts that are remembered.
    return f"{_folded(last_name)} {_folded(first_name)}".strip()[:KEY_LENGTH]


def read_contact(fields: Fields, warnings: list[str]) -> Contact:
    """E-mail and phones; what is none is dropped, with a warning."""
    return Contact(
        email_in(fields, "MEL", warnings),
        phone_in(fields, "TEL_PERSONNEL", warnings),
        phone_in(fields, "TEL_PORTABLE", warnings),
        phone_in(fields, "TEL_PROFESSIONNEL", warnings),
    )
