"""What one school notifies by: what its installation has, and it wants."""

from sqlalchemy.orm import Session

from shared.config import Settings
from shared.models.teleservices import EstablishmentSettings
from shared.notifications.channels.registry import Offer, offer_of


def offer_to(session: Session, settings: Settings, establishment_id: int) -> Offer:
    """The modes that the staff of a school choose from; one query."""
    return offer_of(settings, session.get(EstablishmentSettings, establishment_id))
