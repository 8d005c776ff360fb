"""The ENT of an establishment, chosen from the list of the académie or typed, and who is told of it (R21)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.acting.desk import Desk
from shared.establishments.settings import (
    SettingProblem,
    SettingRefused,
    checked_link,
    save_settings,
    settings_of,
)
from shared.models.access.ents import EntService
from shared.models.journal import Action
from shared.models.teleservices import EntLink, EstablishmentSettings, LetterType


@dataclass(frozen=True)
class Ent:
    """What families are shown of the ENT of their establishment."""

    label: str
    url: str


def ent_of(settings: EstablishmentSettings) -> Ent | None:
    """The ENT that an establishment shows; none when it shows none."""
    if settings.ent_link is not None:
        return Ent(settings.ent_link.label, settings.ent_link.url)
    if settings.ent_label and settings.ent_url:
        return Ent(settings.ent_label, settings.ent_url)
    return None


def set_ent(
    desk: Desk, *, letter_type: LetterType, link_id: int | None = None, label: str = "", address: str = "", version: int
) -> EstablishmentSettings:
    """Choose which addresses letters, mails and portal show, and the link to the ENT (R21).

    `link_id` is one of the list of the académie; without it, label and address are those typed, both empty for no ENT.

    Raises:
        SettingRefused: a link that is not on the list, a label or an address missing or invalid, « ENT seul » without
            an ENT, or somebody else changed the settings since `version` was read.
    """
    values: dict[str, Any] = {"ent_link_id": None, "ent_label": None, "ent_url": None}
    if link_id is not None:
        values["ent_link_id"] = _still_listed(desk.session, desk.establishment_id, link_id).id
    elif label.strip() or address.strip():
        values["ent_label"], values["ent_url"] = checked_link(label, address)
    elif letter_type is LetterType.ENT_ONLY:
        raise SettingRefused(SettingProblem.ENT_MISSING)
    before = ent_of(settings_of(desk.session, desk.establishment_id))
    settled = {"letter_type": letter_type, "ent_settled_at": desk.now}
    save_settings(desk.session, desk.establishment_id, version, {**values, **settled})
    settings = desk.session.get_one(EstablishmentSettings, desk.establishment_id, populate_existing=True)
    shown = ent_of(settings)
    if shown is None or before is None or shown.url != before.url:
        _forget_trial(settings)
    details = {"url": shown.url} if shown else None
    desk.note(Action.ENT_CHANGED, details=details)
    return settings


def note_ent_tried(desk: Desk, *, leads_here: bool, version: int) -> None:
    """Remember whether families find the portal from the address of the ENT, as staff tried it.

    With « ENT seul », letters and mails tell the address of the portal as well unless they do.

    Raises:
        SettingRefused: there is no ENT to try, or somebody else changed the settings since `version` was read.
    """
    shown = ent_of(settings_of(desk.session, desk.establishment_id))
    if shown is None:
        raise SettingRefused(SettingProblem.ENT_MISSING)
    values = {"ent_tried_at": desk.now, "ent_leads_here": leads_here}
    save_settings(desk.session, desk.establishment_id, version, values)
    desk.note(Action.ENT_LEADS_HERE if leads_here else Action.ENT_LEADS_ELSEWHERE, details={"url": shown.url})


@dataclass(frozen=True)
class EntDoor:
    """The ENT of an establishment, where the académie connected it to the portal."""

    label: str
    is_open: bool
    """Families of the establishment may enter it by the portal."""
    is_connected: bool
    """The académie opened its connection: until then nobody enters, whatever the establishment says."""
    version: int


def ent_door(session: Session, establishment_id: int) -> EntDoor | None:
    """Whether families enter the ENT of an establishment by the portal; none where it is not connected."""
    settings = settings_of(session, establishment_id)
    if settings.ent_link is None:
        return None
    found = select(EntService.is_open).where(EntService.ent_link_id == settings.ent_link.id)
    is_connected = session.scalar(found)
    if is_connected is None:
        return None
    return EntDoor(settings.ent_link.label, settings.ent_is_open, is_connected, settings.version)


def set_ent_open(desk: Desk, *, is_open: bool, version: int) -> EntDoor:
    """Let families of the establishment enter its ENT by the portal, or not: at once, whoever is there (R35).

    Raises:
        SettingRefused: its ENT is not connected, or somebody else changed the settings since `version` was read.
    """
    door = ent_door(desk.session, desk.establishment_id)
    if door is None:
        raise SettingRefused(SettingProblem.ENT_NOT_CONNECTED)
    save_settings(desk.session, desk.establishment_id, version, {"ent_is_open": is_open})
    if is_open:
        desk.note(Action.ENT_OPENED, subject=door.label)
    else:
        desk.note(Action.ENT_CLOSED, subject=door.label)
    return door


def shows_ent_only(settings: EstablishmentSettings) -> bool:
    """Whether families are told the address of the ENT, and not that of the portal: they find it from there (R21)."""
    return settings.letter_type is LetterType.ENT_ONLY and settings.ent_leads_here and ent_of(settings) is not None


def _forget_trial(settings: EstablishmentSettings) -> None:
    """It was of another address."""
    settings.ent_tried_at, settings.ent_leads_here = None, False


def _still_listed(session: Session, establishment_id: int, link_id: int) -> EntLink:
    """A link of the list, or the one that this establishment shows already, retired or not."""
    link = session.get(EntLink, link_id)
    shown = settings_of(session, establishment_id).ent_link_id
    if link is None or (link.retired_at is not None and shown != link.id):
        raise SettingRefused(SettingProblem.ENT_NOT_LISTED)
    return link
