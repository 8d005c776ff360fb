"""What address each letter bears, noted as it is printed: the base may give another one before it comes back."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.accounts.directory.corrections import written_address
from shared.database import insert_or
from shared.models.notifications import Notification
from shared.models.school import Guardian, Student
from shared.models.sending.posted import PostedLetter
from shared.notifications.channels.registry import CHANNELS

_IN_ENVELOPES = tuple(channel for channel, one in CHANNELS.items() if one.writes_to_homes)


def addresses_written(session: Session, notification_ids: Collection[int]) -> dict[int, str]:
    """The address that the letter of each notification bears now; what is in no envelope bears none. One query."""
    address = func.coalesce(
        select(written_address(Guardian)).where(Guardian.id == Notification.guardian_id).scalar_subquery(),
        select(written_address(Student)).where(Student.id == Notification.student_id).scalar_subquery(),
    )
    rows = session.execute(
        select(Notification.id, address.label("written")).where(
            Notification.id.in_(notification_ids), Notification.channel.in_(_IN_ENVELOPES), address.is_not(None)
        )
    )
    return {row.id: row.written for row in rows}


def note_posted(session: Session, establishment_id: int, addresses: Mapping[int, str]) -> None:
    """Note the letters of one school that were printed; one printed again is believed to arrive, at its new address."""
    rows = [
        {"notification_id": number, "establishment_id": establishment_id, "address": address}
        for number, address in addresses.items()
    ]
    if rows:
        insert = insert_or(session, PostedLetter)
        again = {"address": insert.excluded.address, "returned_at": None, "returned_by": None}
        session.execute(insert.on_conflict_do_update(index_elements=[PostedLetter.notification_id], set_=again), rows)
