"""A mail server that does not answer is not hammered: one mail tries it from time to time, and staff are told (R18).

While an outage stands nothing is sent, by any worker; the waits between two trials grow. The first mail that gets
through ends it.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.notifications import MailOutage

TRIAL_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 55, 110, 290))
"""A little under the minutes of the sweeps, so that a trial is not put off by a whole one."""
REASON_CHARACTERS = 500
_THE_ONE = 1


def standing_outage(session: Session) -> MailOutage | None:
    """The outage that stands, if there is one."""
    return session.get(MailOutage, _THE_ONE)


def lock_outage(session: Session) -> MailOutage | None:
    """The outage that stands, locked until the transaction ends, so that one worker at a time tries the server."""
    return session.scalars(select(MailOutage).with_for_update()).one_or_none()


def note_outage(session: Session, reason: str, now: datetime) -> None:
    """Note that the mail server could not be used, once more or for the first time."""
    outage = lock_outage(session)
    if outage is not None:
        outage.next_trial_at = now + TRIAL_DELAYS[min(outage.trials, len(TRIAL_DELAYS) - 1)]
        outage.trials += 1
        outage.reason = reason[:REASON_CHARACTERS]
        return
    session.execute(
        insert_or(session, MailOutage)
        .values(
            id=_THE_ONE, since=now, trials=1, next_trial_at=now + TRIAL_DELAYS[0], reason=reason[:REASON_CHARACTERS]
        )
        .on_conflict_do_nothing()
    )


def end_outage(session: Session) -> None:
    """The mail server took a mail: everything that waited may leave."""
    session.execute(delete(MailOutage))
