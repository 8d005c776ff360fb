"""The téléservices: the catalogue of the académie, and what each establishment opens (R25)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, func, insert, or_, select
from sqlalchemy.orm import Session, load_only

from shared.acting.desk import Desk
from shared.establishments.codes.levels import Level
from shared.models.journal import Action
from shared.models.school import Establishment
from shared.models.teleservices import Audience, Teleservice, TeleserviceOpening

_PORTAL_OF_THE_MINISTRY = "https://teleservices.education.gouv.fr/"

# code, label, description, mandatory, open by default; the académie corrects addresses in its catalogue.
DEFAULT_CATALOGUE = (
    ("bourse-college", "Bourse de collège", "Demander une bourse pour un collégien.", True, True),
    ("bourse-lycee", "Bourse de lycée", "Demander une bourse pour un lycéen.", True, True),
    ("inscription-lycee", "Inscription en ligne au lycée", "Inscrire votre enfant au lycée.", True, True),
    ("fiche-renseignements", "Fiche de renseignements", "Vérifier et corriger vos coordonnées.", False, True),
    ("orientation", "Orientation", "Donner vos vœux d'orientation.", False, False),
    ("affectation", "Affectation après la 3e", "Suivre les vœux et l'affectation après la 3e.", False, False),
    ("livret-scolaire", "Livret scolaire", "Lire les bilans de votre enfant.", False, False),
    ("notes", "Consultation des notes", "Voir les notes de votre enfant.", False, False),
    ("absences", "Absences et vie scolaire", "Voir les absences et les retards.", False, False),
    ("cahier-de-textes", "Cahier de textes", "Voir les devoirs à faire.", False, False),
    ("paiement", "Paiement des factures", "Payer la cantine et les autres factures.", False, False),
)

_LYCEE = [Level.SECOND, Level.FIRST, Level.LAST]
FOR_LEVELS = {
    "bourse-college": [Level.SIXTH, Level.FIFTH, Level.FOURTH, Level.THIRD],
    # Those of the third ask for the year that follows.
    "bourse-lycee": [Level.THIRD, *_LYCEE],
    "inscription-lycee": [Level.THIRD, *_LYCEE],
    "affectation": [Level.THIRD],
}
FOR_GUARDIANS_ONLY = {"bourse-college", "bourse-lycee", "inscription-lycee", "fiche-renseignements", "paiement"}


class ServiceNotFound(Exception):
    """The catalogue has no such téléservice."""


class ServiceIsMandatory(Exception):
    """A mandatory téléservice is open everywhere, and cannot be closed."""


@dataclass(frozen=True)
class ServiceState:
    """One téléservice as an establishment sees it."""

    service: Teleservice
    is_open: bool
    changed_at: datetime | None
    changed_by: str


def fill_catalogue(session: Session) -> None:
    """Put the default catalogue in an empty one; changes nothing afterwards."""
    if session.scalar(select(func.count()).select_from(Teleservice)):
        return
    session.execute(
        insert(Teleservice),
        [
            {
                "code": code,
                "label": label,
                "description": description,
                "url": _PORTAL_OF_THE_MINISTRY,
                "mandatory": mandatory,
                "open_by_default": open_by_default,
                "audience": Audience.GUARDIANS if code in FOR_GUARDIANS_ONLY else Audience.BOTH,
                "levels": FOR_LEVELS.get(code, []),
                "position": position,
            }
            for position, (code, label, description, mandatory, open_by_default) in enumerate(DEFAULT_CATALOGUE, 1)
        ],
    )


def services_of(session: Session, establishment_id: int) -> list[ServiceState]:
    """The whole catalogue, with what is open in one establishment."""
    rows = session.execute(
        select(Teleservice, TeleserviceOpening.is_open, TeleserviceOpening.changed_at, TeleserviceOpening.changed_by)
        .outerjoin(
            TeleserviceOpening,
            and_(
                TeleserviceOpening.teleservice_id == Teleservice.id,
                TeleserviceOpening.establishment_id == establishment_id,
            ),
        )
        .where(Teleservice.retired_at.is_(None))
        .order_by(Teleservice.position, Teleservice.id)
    )
    return [
        ServiceState(service, _is_open(service, chosen), changed_at, changed_by or "")
        for service, chosen, changed_at, changed_by in rows
    ]


def _is_open(service: Teleservice, chosen: bool | None) -> bool:
    return service.mandatory or (service.open_by_default if chosen is None else chosen)


def set_open(desk: Desk, teleservice_id: int, *, is_open: bool) -> Teleservice:
    """Open or close a téléservice in one establishment.

    Raises:
        ServiceNotFound: the catalogue has none of this number.
        ServiceIsMandatory: it cannot be closed.
    """
    service = desk.session.get(Teleservice, teleservice_id)
    if service is None or service.retired_at is not None:
        raise ServiceNotFound
    if service.mandatory and not is_open:
        raise ServiceIsMandatory
    desk.session.merge(
        TeleserviceOpening(
            establishment_id=desk.establishment_id,
            teleservice_id=service.id,
            is_open=is_open,
            changed_at=desk.now,
            changed_by=desk.actor.name,
        )
    )
    action = Action.SERVICE_OPENED if is_open else Action.SERVICE_CLOSED
    desk.note(action, subject=service.label)
    return service


def choice_of_school() -> ColumnElement[bool]:
    """Whether a row of `TeleserviceOpening` is the choice of an establishment about a téléservice."""
    return and_(
        TeleserviceOpening.teleservice_id == Teleservice.id, TeleserviceOpening.establishment_id == Establishment.id
    )


def is_open_there() -> ColumnElement[bool]:
    """Whether a téléservice is open in an establishment, whose choice is joined if it made one (R25)."""
    return and_(
        Teleservice.retired_at.is_(None),
        or_(Teleservice.mandatory, func.coalesce(TeleserviceOpening.is_open, Teleservice.open_by_default)),
    )


# Written once: every home of a family asks for it.
_OPEN = (
    select(Establishment.id, Teleservice)
    .options(load_only(Teleservice.label, Teleservice.description, Teleservice.url, Teleservice.levels))
    .join(Teleservice, Teleservice.audience.in_(bindparam("audiences", expanding=True)))
    .outerjoin(TeleserviceOpening, choice_of_school())
    .where(Establishment.id.in_(bindparam("ids", expanding=True)), is_open_there())
    .order_by(Teleservice.position, Teleservice.id)
)


def open_services(
    session: Session, establishment_ids: Sequence[int], audience: Audience
) -> dict[int, list[Teleservice]]:
    """What `audience` finds open in each of these establishments, in the order of the catalogue; one query."""
    found: dict[int, list[Teleservice]] = {establishment_id: [] for establishment_id in establishment_ids}
    asked = {"ids": establishment_ids, "audiences": [audience, Audience.BOTH]}
    for establishment_id, service in session.execute(_OPEN, asked):
        found[establishment_id].append(service)
    return found
