"""The name and the address of an establishment, as letters show them: created and corrected by the académie."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.emails import EmailInvalid, normal_email
from shared.establishments.codes.uai import has_form, is_uai, uai_of
from shared.models.journal import Action
from shared.models.school import Establishment
from shared.rows.editing import save_if_unchanged

LENGTHS = {
    "name": 200,
    "address_line1": 100,
    "address_line2": 100,
    "postal_code": 10,
    "city": 100,
    "phone": 30,
    "email": 254,
}
"""Characters that each line may hold; their names are those of the columns."""


class IdentityRefused(Exception):
    """The establishment cannot be created or corrected so; the message says why, in French."""


def create_establishment(act: Act, uai: str, name: str) -> Establishment:
    """Make room for a school whose files will be imported later: its head can already be named.

    Raises:
        IdentityRefused: no UAI, one whose letter is wrong, one that exists, or no name.
    """
    uai = "".join(uai.split()).upper()
    if act.session.scalar(select(Establishment.id).where(Establishment.uai == uai)) is not None:
        raise IdentityRefused(f"L'établissement {uai} existe déjà : cherchez-le dans la liste.")
    _require_uai(uai)
    establishment = Establishment(uai=uai, **checked_lines({"name": name}), created_at=act.now)
    act.session.add(establishment)
    act.session.flush()
    act.record(Action.ESTABLISHMENT_CREATED, establishment_id=establishment.id, subject=uai)
    return establishment


def _require_uai(uai: str) -> None:
    if not has_form(uai):
        raise IdentityRefused("L'UAI a sept chiffres et une lettre. Exemple : 9740001H")
    if not is_uai(uai):
        raise IdentityRefused(
            f"{uai} n'est pas un UAI : avec ces sept chiffres, la lettre serait {uai_of(int(uai[:-1]))[-1]}. Vérifiez "
            "les chiffres et la lettre."
        )


def find_establishment(session: Session, establishment_id: int) -> Establishment | None:
    """One establishment, by its number."""
    return session.get(Establishment, establishment_id)


def correct_establishment(act: Act, establishment: Establishment, lines: dict[str, str], version: int) -> None:
    """Write name and address, which imports leave alone from then on.

    Raises:
        IdentityRefused: no name, a line too long, or an e-mail that is none.
        ChangedMeanwhile: somebody else corrected it since `version` was read.
    """
    values = {**checked_lines(lines), "corrected_at": act.now}
    save_if_unchanged(act.session, establishment, version, values)
    _record(act, Action.ESTABLISHMENT_CORRECTED, establishment)


def follow_files(act: Act, establishment: Establishment, version: int) -> None:
    """Let the next import write name and address again.

    Raises:
        ChangedMeanwhile: somebody else corrected it since `version` was read.
    """
    save_if_unchanged(act.session, establishment, version, {"corrected_at": None})
    _record(act, Action.ESTABLISHMENT_FOLLOWS_FILES, establishment)


def checked_lines(lines: dict[str, str]) -> dict[str, str | None]:
    """The lines without blanks around; an empty one is none.

    Raises:
        IdentityRefused: no name, a line too long, or an e-mail that is none.
    """
    written = {name: _checked_line(name, " ".join(text.split())) for name, text in lines.items() if name in LENGTHS}
    if not written.get("name"):
        raise IdentityRefused("Écrivez le nom de l'établissement : c'est l'en-tête des courriers.")
    return written


def _checked_line(name: str, text: str) -> str | None:
    if len(text) > LENGTHS[name]:
        raise IdentityRefused(f"« {text[:30]}… » est trop long : {LENGTHS[name]} caractères au plus.")
    if name != "email" or not text:
        return text or None
    try:
        return normal_email(text)
    except EmailInvalid:
        raise IdentityRefused("Cette adresse e-mail n'est pas valable. Exemple : ce.9740001a@exemple.fr") from None


def _record(act: Act, action: Action, establishment: Establishment) -> None:
    act.record(action, establishment_id=establishment.id, subject=establishment.uai)
