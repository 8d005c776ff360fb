"""What the database tells of the work in the background; a few rows by their indexes, however much waits (R38)."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from shared.models.background import DailyRun, WorkerProcess
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.notifications import DeliveryState, Notification
from shared.models.sending.outages import ChannelOutage
from shared.notifications.channels.mail import MAIL
from shared.notifications.channels.print_service import PRINT_SERVICE
from shared.notifications.channels.registry import PRINTED
from shared.notifications.channels.sms import SMS
from shared.notifications.outbox.leases import due
from shared.notifications.outbox.outages import standing_outage
from shared.notifications.outbox.queues import Queue as Rows
from shared.rows.holding import standing_restoration

SILENT_AFTER = timedelta(minutes=3)
"""A worker says every minute that it lives."""


class Queue(enum.StrEnum):
    """What waits for a worker."""

    MAILS = "mails"
    SMS = "sms"
    """Only where the installation has some that wait."""
    LETTERS = "letters"
    IMPORTS = "imports"


@dataclass(frozen=True)
class Background:
    """The work in the background, as it stands."""

    workers: int
    """That were heard of in the last minutes."""
    worker_seen_at: datetime | None
    """When any was heard of last; none if none ever was."""
    working_since: datetime | None
    """When the oldest of those that live began."""
    daily: DailyRun | None
    """The last daily work that came to its end."""
    waiting_since: dict[Queue, datetime | None]
    """Since when the oldest of what may leave at once waits."""
    outage: ChannelOutage | None
    """Of the mail server."""
    sms_outage: ChannelOutage | None = None
    print_outage: ChannelOutage | None = None
    """Of the folder of the printing service."""
    held_since: datetime | None = None
    """When the base was restored, while nobody has released what waits."""


def is_anybody_at_work(session: Session, now: datetime) -> bool:
    """Whether a worker was heard of in the last minutes; one query."""
    return bool(session.scalar(select(exists().where(WorkerProcess.seen_at > now - SILENT_AFTER))))


def read_background(session: Session, now: datetime) -> Background:
    """How it stands; the number of queries does not depend on what waits."""
    alive = WorkerProcess.seen_at > now - SILENT_AFTER
    workers, seen_at, since = session.execute(
        select(
            func.count().filter(alive),
            func.max(WorkerProcess.seen_at),
            func.min(WorkerProcess.started_at).filter(alive),
        )
    ).one()
    return Background(
        workers=workers,
        worker_seen_at=seen_at,
        working_since=since,
        daily=session.scalars(select(DailyRun)).one_or_none(),
        waiting_since={
            Queue.MAILS: _oldest(session, now, MAIL.carried.queues),
            **({Queue.SMS: sms} if (sms := _oldest(session, now, SMS.carried.queues)) else {}),
            Queue.LETTERS: _oldest(session, now, ((Notification, (Notification.channel.in_(PRINTED),)),)),
            Queue.IMPORTS: session.scalar(
                # When one was confirmed is not kept: the check before tells as well whether anybody reads them.
                select(func.min(SchoolImport.created_at)).where(SchoolImport.state == ImportState.UPLOADED)
            ),
        },
        outage=standing_outage(session, MAIL.channel),
        sms_outage=standing_outage(session, SMS.channel),
        print_outage=standing_outage(session, PRINT_SERVICE.channel),
        held_since=None if (held := standing_restoration(session)) is None else held.restored_at,
    )


def _oldest(session: Session, now: datetime, queues: tuple[Rows, ...]) -> datetime | None:
    found = [
        session.scalar(
            select(rows.next_attempt_at)
            .where(due(rows, now, state), *conditions)
            .order_by(rows.next_attempt_at)
            .limit(1)
        )
        for rows, conditions in queues
        for state in (DeliveryState.TO_SEND, DeliveryState.TO_RETRY)
    ]
    return min((one for one in found if one is not None), default=None)
