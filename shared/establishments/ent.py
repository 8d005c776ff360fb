"""The ENT of an establishment, chosen from the list of the académie or typed, and who is told of it (R21)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from shared.establishments.settings import (
    SettingProblem,
    SettingRefused,
    checked_link,
    save_change,
    settings_to_change,
)
from shared.journal import Actor
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
    session: Session,
    establishment_id: int,
    *,
    letter_type: LetterType,
    link_id: int | None = None,
    label: str = "",
    address: str = "",
    version: int,
    now: datetime,
    actor: Actor,
) -> EstablishmentSettings:
    """Choose which addresses letters, mails and portal show, and the link to the ENT (R21).

    `link_id` is one of the list of the académie; without it, label and address are those typed, both empty for no ENT.

    Raises:
        SettingRefused: a link that is not on the list, a label or an address missing or invalid, « ENT seul » without
            an ENT, or somebody else changed the settings since `version` was read.
    """
    link = session.get(EntLink, link_id) if link_id is not None else None
    settings = settings_to_change(session, establishment_id, version)
    if link_id is not None:
        settings.ent_link, settings.ent_label, settings.ent_url = _still_listed(link, settings), None, None
    elif label.strip() or address.strip():
        settings.ent_link = None
        settings.ent_label, settings.ent_url = checked_link(label, address)
    elif letter_type is LetterType.ENT_ONLY:
        raise SettingRefused(SettingProblem.ENT_MISSING)
    else:
        settings.ent_link = settings.ent_label = settings.ent_url = None
    settings.letter_type = letter_type
    shown = ent_of(settings)
    return save_change(session, settings, Action.ENT_CHANGED, now, actor, {"url": shown.url} if shown else None)


def _still_listed(link: EntLink | None, settings: EstablishmentSettings) -> EntLink:
    """A link of the list, or the one that this establishment shows already, retired or not."""
    if link is None or (link.retired_at is not None and settings.ent_link_id != link.id):
        raise SettingRefused(SettingProblem.ENT_NOT_LISTED)
    return link
