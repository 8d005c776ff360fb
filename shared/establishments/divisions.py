"""The divisions of an establishment, to choose from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.models.school import Division


def division_codes(session: Session, establishment_id: int) -> list[str]:
    """The codes of the divisions that the last import still held, in alphabetical order."""
    standing = select(Division.code).where(Division.establishment_id == establishment_id, Division.gone_at.is_(None))
    return list(session.scalars(standing.order_by(Division.code)))
