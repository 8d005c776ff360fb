"""Telling a school by mail that new likely duplicates were found, once for each (R14)."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy.orm import Session

from shared.acting.desk import Act
from shared.duplicates.pairs.alert_settings import alert_of
from shared.duplicates.pairs.queries import count_untreated
from shared.duplicates.standing.locks import lock_establishment
from shared.journal import SYSTEM
from shared.models.duplicates import AlertRecipient, DuplicatePair
from shared.models.journal import Action
from shared.models.staff import Tab
from shared.outbox import queue_duplicates_mails
from shared.staff.access import emails_of_staff

NOT_ANNOUNCED = DuplicatePair.announced_at.is_(None)


def announce_duplicates(session: Session, establishment_id: int, *, now: datetime, today: date) -> int:
    """Leave a mail for those who treat duplicates when pairs were found that no mail told of; how many pairs.

    Nothing is noted when there is nobody to tell: whoever is to be told later learns of all that waits then.
    """
    lock_establishment(session, establishment_id)
    new = count_untreated(session, establishment_id, NOT_ANNOUNCED)
    recipients = _recipients(session, establishment_id, today) if new else []
    if not recipients:
        return 0
    announcement = str(uuid.uuid4())
    _note_announced(session, establishment_id, now, announcement)
    queue_duplicates_mails(session, establishment_id, announcement, recipients, now)
    details = {"count": new, "recipients": len(recipients)}
    Act(session, SYSTEM, now).record(Action.DUPLICATES_ANNOUNCED, establishment_id=establishment_id, details=details)
    session.flush()
    return new


def note_known(session: Session, establishment_id: int, guardian_ids: Collection[int], now: datetime) -> None:
    """Note that nobody needs to be told of the pairs of these fiches: staff brought them back themselves."""
    of_them = or_(DuplicatePair.first_id.in_(guardian_ids), DuplicatePair.second_id.in_(guardian_ids))
    _note_announced(session, establishment_id, now, None, of_them)


def _note_announced(
    session: Session,
    establishment_id: int,
    now: datetime,
    announcement: str | None,
    *conditions: ColumnElement[bool],
) -> None:
    session.execute(
        update(DuplicatePair)
        .where(DuplicatePair.establishment_id == establishment_id, NOT_ANNOUNCED, *conditions)
        .values(announced_at=now, announcement=announcement),
        execution_options={"synchronize_session": False},
    )


def _recipients(session: Session, establishment_id: int, today: date) -> list[str]:
    alert = alert_of(session, establishment_id)
    if alert.sent_to is AlertRecipient.STAFF:
        return emails_of_staff(session, establishment_id, Tab.DUPLICATES, today)
    return [alert.email] if alert.email else []
