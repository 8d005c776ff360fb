"""The steps whose day has come: one transaction for each, so that no school waits for another."""

import logging
from datetime import datetime
from threading import Event

from shared.acting.desk import Desk
from shared.clock import local, now
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM
from shared.logs.discretion import where
from shared.notifications.channels.offered import offer_to
from shared.notifications.staged.falling_due import due_staged, fall_due, is_time_to_write
from shared.worker.bells import ring_campaign

log = logging.getLogger(__name__)


def advance_stages(database: Database, settings: Settings, stopping: Event) -> None:
    """Let every step fall due whose day has come, during the day. An edge: it opens its own transactions.

    A worker killed in between did a step or did not: the next one goes on with those that are left.
    """
    instant = now()
    if not is_time_to_write(local(instant, settings.time_zone)):
        return
    launched, after_id = 0, 0
    today = local(instant, settings.time_zone).date()
    while not stopping.is_set():
        with database.reading() as session:
            due = due_staged(session, today, after_id=after_id)
        if not due:
            break
        for staged_id, establishment_id in due:
            try:
                launched += _advance(database, settings, staged_id, establishment_id, instant)
            except Exception as error:
                # That of one school must not keep those of all the others from their day.
                log.error("a step of campaign %d could not be taken: %s", staged_id, where(error))
        after_id = due[-1][0]
    if launched:
        log.info("%d steps of campaigns were launched", launched)
        ring_campaign(settings)


def _advance(database: Database, settings: Settings, staged_id: int, establishment_id: int, instant: datetime) -> bool:
    with database.writing() as session:
        today = local(instant, settings.time_zone).date()
        desk = Desk(session, SYSTEM, instant, establishment_id, today)
        return fall_due(desk, staged_id, offer_to(session, settings, establishment_id)) is not None
