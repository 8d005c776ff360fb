"""The catalogue of téléservices, kept by the académie: added, corrected, put in order, retired (R25)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.establishments.codes.levels import Level
from shared.establishments.settings import SettingProblem, SettingRefused, checked_link
from shared.models.journal import Action
from shared.models.teleservices import Audience, Teleservice
from shared.persons.names import fold
from shared.rows.editing import save_if_unchanged

DESCRIPTION_LENGTH = 300
LEVELS = tuple(level.value for level in Level if level is not Level.OTHER)
CODE_LENGTH = 50


@dataclass(frozen=True)
class Described:
    """What the académie says of a téléservice; what is mandatory is open everywhere by itself."""

    label: str
    url: str
    description: str
    mandatory: bool
    open_by_default: bool
    audience: Audience
    levels: Sequence[str]
    """Of class; none: all of them."""


@dataclass(frozen=True)
class TypedService:
    """What was typed of a téléservice, whatever it is."""

    label: str
    address: str
    description: str
    audience: str
    levels: Sequence[str]
    mandatory: bool
    open_by_default: bool


def described(typed: TypedService) -> Described:
    """What was typed, checked.

    Raises:
        SettingRefused: no label, no address of the web, a description too long, an audience or a level that does not
            exist.
    """
    label, url = checked_link(typed.label, typed.address)
    description = " ".join(typed.description.split())
    if len(description) > DESCRIPTION_LENGTH:
        raise SettingRefused(SettingProblem.DESCRIPTION_TOO_LONG)
    if typed.audience not in {one.value for one in Audience}:
        raise SettingRefused(SettingProblem.AUDIENCE_MISSING)
    levels = set(typed.levels)
    if not levels <= set(LEVELS):
        raise SettingRefused(SettingProblem.LEVEL_UNKNOWN)
    # All of them ticked is none left out, the levels that a code does not say among them.
    wanted = [level for level in LEVELS if level in levels and len(levels) < len(LEVELS)]
    opens = typed.open_by_default or typed.mandatory
    return Described(label, url, description, typed.mandatory, opens, Audience(typed.audience), wanted)


def catalogue(session: Session) -> Sequence[Teleservice]:
    """Every téléservice in the order in which families see them; those that were retired come last."""
    is_retired = Teleservice.retired_at.is_not(None)
    return session.scalars(select(Teleservice).order_by(is_retired, Teleservice.position, Teleservice.id)).all()


def add_service(act: Act, wanted: Described) -> Teleservice:
    """Add a téléservice after the others."""
    last = act.session.scalar(select(func.max(Teleservice.position))) or 0
    service = Teleservice(code=_free_code(act.session, wanted.label), position=last + 1, **asdict(wanted))
    act.session.add(service)
    act.session.flush()
    act.record(Action.SERVICE_ADDED, subject=service.label)
    return service


def change_service(act: Act, service: Teleservice, wanted: Described, version: int) -> None:
    """Replace what is said of a téléservice, in every establishment at once.

    Raises:
        ChangedMeanwhile: somebody else changed it since `version` was read.
    """
    save_if_unchanged(act.session, service, version, asdict(wanted))
    details = {"mandatory": wanted.mandatory, "url": wanted.url, "levels": list(wanted.levels)}
    act.record(Action.SERVICE_CHANGED, subject=service.label, details=details)


def retire_service(act: Act, service: Teleservice) -> None:
    """Take a téléservice away from every portal; what each establishment had chosen is kept."""
    if service.retired_at is None:
        service.retired_at = act.now
        service.version += 1
        act.record(Action.SERVICE_RETIRED, subject=service.label)


def restore_service(act: Act, service: Teleservice) -> None:
    """Put a retired téléservice back, as each establishment had it."""
    if service.retired_at is not None:
        service.retired_at = None
        service.version += 1
        act.record(Action.SERVICE_RESTORED, subject=service.label)


def move_service(act: Act, service: Teleservice, *, up: bool) -> None:
    """Exchange a téléservice with the one before or after; nothing happens at either end."""
    shown = [one for one in catalogue(act.session) if one.retired_at is None]
    if service not in shown:
        return
    place = shown.index(service)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(shown):
        return
    shown[place], shown[other] = shown[other], shown[place]
    for position, one in enumerate(shown, start=1):
        one.position = position
    act.record(Action.SERVICES_ORDERED, subject=service.label)


def _free_code(session: Session, label: str) -> str:
    """A code that no téléservice has, made of the label: what a link in a document may name for years."""
    stem = fold(label).replace(" ", "-")[: CODE_LENGTH - 5] or "service"
    taken = set(session.scalars(select(Teleservice.code).where(Teleservice.code.startswith(stem, autoescape=True))))
    free = (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
    return next(code for code in free if code not in taken)
