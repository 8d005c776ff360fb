"""What students and guardians have in common: their names and how to reach them."""

from typing import NamedTuple

from shared.models.school import NAME_LENGTH, NameFlag
from shared.persons.fiche_names import FicheNames, NoName, fiche_names
from shared.siecle.reading.fields import (
    IN_SIECLE,
    Fields,
    Reading,
    RecordRefused,
    composed,
    email_in,
    has_markup,
    phone_in,
    text_in,
)
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


def read_names(fields: Fields, reading: Reading, *, of_student: bool) -> FicheNames:
    """The names without the remarks beside them; what staff should correct in SIECLE is flagged, and warned of.

    Raises:
        RecordRefused: there is no name at all.
    """
    newer, older = FAMILY_NAME
    family = older if fields.get(older) and not fields.get(newer) else newer
    texts = (
        _name_in(fields, family, reading),
        text_in(fields, "NOM_USAGE", reading) or "",
        _name_in(fields, "PRENOM", reading),
    )
    try:
        names = fiche_names(*texts, of_student=of_student)
    except NoName:
        written = " ".join(filter(None, texts))
        said = f"aucun nom ne se lit dans {quoted(written)}." if written else f"{family} et PRENOM sont vides."
        raise RecordRefused(said) from None
    if texts[0] and names.name_flag is None and not names.is_organisation:
        return names
    written = " ".join(filter(None, texts))
    if not texts[0]:
        reading.warn(f"nom à corriger dans SIECLE\u00a0: {family} est vide, {quoted(written)} est repris seul.")
    elif names.name_flag is not None:
        reading.warn(f"nom à corriger dans SIECLE\u00a0: {quoted(written)} {_TO_CORRECT[names.name_flag]}.")
    else:
        reading.warn(f"{quoted(written)} n'a pas de prénom\u00a0: c'est un organisme, à qui l'on écrit sous ce nom.")
    return names


def _name_in(fields: Fields, element: str, reading: Reading) -> str:
    """A name that the record needs: too long, its beginning is taken."""
    value = composed(fields.get(element, ""))
    if has_markup(value):
        reading.leave_out(element, value, "contient des signes interdits")
        return ""
    if len(value) <= NAME_LENGTH:
        return value
    reading.warn(
        f"{element} est trop long\u00a0: de {quoted(value)} ont été repris les {NAME_LENGTH} premiers caractères. "
        f"{IN_SIECLE}"
    )
    return value[:NAME_LENGTH].strip()


def read_contact(fields: Fields, reading: Reading) -> Contact:
    """E-mail and phones; what is none is left out, or kept for display, with a warning."""
    return Contact(
        email_in(fields, "MEL", reading),
        phone_in(fields, "TEL_PERSONNEL", reading),
        phone_in(fields, "TEL_PORTABLE", reading),
        phone_in(fields, "TEL_PROFESSIONNEL", reading),
    )
