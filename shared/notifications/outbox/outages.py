"""A server that does not answer is not hammered: one row tries it from time to time, and staff are told (R18).

While an outage of a channel stands nothing of it is sent, by any worker; the waits between two trials grow. The first
row that gets through ends it.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.database import insert_or
from shared.models.notifications import Channel
from shared.models.sending.outages import ChannelOutage

TRIAL_DELAYS = tuple(timedelta(seconds=seconds) for seconds in (30, 55, 110, 290))
"""A little under the minutes of the sweeps, so that a trial is not put off by a whole one."""
REASON_CHARACTERS = 500


def standing_outage(session: Session, channel: Channel) -> ChannelOutage | None:
    """The outage of the channel that stands, if there is one."""
    return session.get(ChannelOutage, channel)


def lock_outage(session: Session, channel: Channel) -> ChannelOutage | None:
    """The outage that stands, locked until the transaction ends, so that one worker at a time tries the server."""
    return session.get(ChannelOutage, channel, with_for_update=True, populate_existing=True)


def note_outage(session: Session, channel: Channel, reason: str, now: datetime) -> None:
    """Note that the server of the channel could not be used, once more or for the first time."""
    outage = lock_outage(session, channel)
    if outage is not None:
        outage.next_trial_at = now + TRIAL_DELAYS[min(outage.trials, len(TRIAL_DELAYS) - 1)]
        outage.trials += 1
        outage.reason = reason[:REASON_CHARACTERS]
        return
    columns = {"since": now, "trials": 1, "next_trial_at": now + TRIAL_DELAYS[0], "reason": reason[:REASON_CHARACTERS]}
    session.execute(insert_or(session, ChannelOutage).values(channel=channel, **columns).on_conflict_do_nothing())


def end_outage(session: Session, channel: Channel) -> None:
    """The server took a row: everything that waited may leave."""
    session.execute(delete(ChannelOutage).where(ChannelOutage.channel == channel))
