"""The parameters that were estimated for each school (R12), for whatever changes a few fiches of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from shared.duplicates.matching.parameters import Parameters
from shared.models.duplicates import DuplicateParameters


def stored_parameters(session: Session, establishment_id: int) -> Parameters | None:
    """What was estimated last; None when nothing was, or was for other comparisons than those of today."""
    stored = session.get(DuplicateParameters, establishment_id)
    return Parameters.from_json(stored.parameters) if stored else None


def store_parameters(session: Session, establishment_id: int, parameters: Parameters, now: datetime) -> None:
    """Keep what was estimated; the establishment is locked."""
    stored = session.get(DuplicateParameters, establishment_id)
    if stored is None:
        stored = DuplicateParameters(establishment_id=establishment_id)
        session.add(stored)
    stored.parameters, stored.estimated_at = parameters.as_json(), now
    session.flush()
