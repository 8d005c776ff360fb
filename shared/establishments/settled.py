"""What an establishment still has to settle before it notifies its families (R20–R23)."""

import enum
from collections.abc import Sequence

from sqlalchemy.orm import Session

from shared.establishments.letterhead import letterhead_warning
from shared.establishments.settings import settings_of
from shared.models.school import Establishment
from shared.models.teleservices import EstablishmentSettings, LetterType


class Unsettled(enum.StrEnum):
    """One thing that nobody made up their mind about; « none » is a choice as well."""

    LETTERHEAD = "letterhead"
    """Its name or telephone, that letters and mails are signed with."""
    WELCOME = "welcome"
    ENT = "ent"
    ENT_UNTRIED = "ent_untried"
    """Letters show the address of the ENT alone, and nobody said whether families find the portal from there."""
    CONTACT = "contact"


def unsettled(session: Session, establishment: Establishment) -> Sequence[Unsettled]:
    """What is left to settle, in the order of the menu; one query."""
    settings = settings_of(session, establishment.id)
    asked = {
        Unsettled.LETTERHEAD: letterhead_warning(establishment) is not None,
        Unsettled.WELCOME: settings.welcome_settled_at is None,
        Unsettled.ENT: settings.ent_settled_at is None,
        Unsettled.ENT_UNTRIED: is_ent_untried(settings),
        Unsettled.CONTACT: settings.contact_settled_at is None,
    }
    return [one for one, is_left in asked.items() if is_left]


def is_ent_untried(settings: EstablishmentSettings) -> bool:
    """Whether families are told of the ENT alone while nobody said that the portal is found from there."""
    return settings.letter_type is LetterType.ENT_ONLY and settings.ent_tried_at is None
