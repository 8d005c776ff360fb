"""Letters that came back: whose address is not written to again until the school base gives another one (R36)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.accounts.directory.corrections import came_back
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.notifications.channels.channel import Owner


def owners_letters_came_back_from(session: Session, establishment_id: int) -> frozenset[Owner]:
    """The fiches that still have the address that a letter of theirs came back from; a query for each population."""
    both = [
        (population.kind, session.scalars(select(population.fiche.id).where(came_back(establishment_id, population))))
        for population in (GUARDIANS, STUDENTS)
    ]
    return frozenset((kind, number) for kind, numbers in both for number in numbers)
