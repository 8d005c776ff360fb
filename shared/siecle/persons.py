"""What students and guardians have in common: their names and how to reach them."""

from typing import NamedTuple

from shared.models.school import NAME_LENGTH, NameFlag
from shared.persons.fiche_names import FicheNames, NoName, fiche_names
from shared.siecle.fields import Fields, RecordRefused, composed, email_in, has_forbidden_sign, phone_in
from shared.siecle.report import quoted

FAMILY_NAME = ("NOM_DE_FAMILLE", "NOM")
"""The element, as newer then older files call it."""

_TO_CORRECT = {
    NameFlag.COMMENT: "contient autre chose qu'un nom, qui n'est montré à aucune famille",
    NameFlag.LOST_CHARACTER: "contient un caractère perdu",
    NameFlag.DIGITS: "contient des chiffres",
    NameFlag.NO_FIRST_NAME: "n'a pas de prénom",
}


class Contact(NamedTuple):
    """Where to write to a person and call, in the order of the columns of a record."""

    email: str | None
    home_phone: str | None
    mobile_phone: str | None
    work_phone: str | None


def read_names(fields: Fields, warnings: list[str], *, of_student: bool) -> FicheNames:
    """The names without the remarks beside them; what staff should correct in SIECLE is flagged, and warned of.

    Raises:
        RecordRefused: the family name is missing, nothing is a name, or one is too long or holds what no name holds.
    """
    family = next((name for name in FAMILY_NAME if name in fields), None)
    if family is None:
        raise RecordRefused(f"{FAMILY_NAME[0]} manque.")
    texts = (_text(fields, family), _optional_text(fields, "NOM_USAGE", warnings), _text(fields, "PRENOM"))
    written = " ".join(filter(None, texts))
    try:
        names = fiche_names(*texts, of_student=of_student)
    except NoName:
        said = f"aucun nom ne se lit dans {quoted(written)}." if written else f"{family} et PRENOM sont vides."
        raise RecordRefused(said) from None
    if names.name_flag is not None:
        warnings.append(f"nom à corriger dans SIECLE\u00a0: {quoted(written)} {_TO_CORRECT[names.name_flag]}.")
    elif names.is_organisation:
        warnings.append(f"{quoted(written)} n'a pas de prénom\u00a0: c'est un organisme, à qui l'on écrit sous ce nom.")
    return names


def _optional_text(fields: Fields, element: str, warnings: list[str]) -> str:
    try:
        return _text(fields, element)
    except RecordRefused as refused:
        warnings.append(f"{refused} Il n'a pas été repris.")
        return ""


def _text(fields: Fields, element: str) -> str:
    value = composed(fields.get(element, ""))
    if len(value) > NAME_LENGTH:
        raise RecordRefused(f"{element} est trop long ({len(value)} caractères, {NAME_LENGTH} au plus).")
    if has_forbidden_sign(value):
        raise RecordRefused(f"{element} contient des signes qui ne s'écrivent pas dans un nom\u00a0: {quoted(value)}.")
    return value


def read_contact(fields: Fields, warnings: list[str]) -> Contact:
    """E-mail and phones; what is none is dropped, with a warning."""
    return Contact(
        email_in(fields, "MEL", warnings),
        phone_in(fields, "TEL_PERSONNEL", warnings),
        phone_in(fields, "TEL_PORTABLE", warnings),
        phone_in(fields, "TEL_PROFESSIONNEL", warnings),
    )
