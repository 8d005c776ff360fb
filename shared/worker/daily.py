"""What is done once a day, by the worker or by cron: erasures, the files of duplicates, housekeeping."""

import logging
import time
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.expiry import expire_accounts
from shared.accounts.login.letter_marks import remove_old_marks
from shared.accounts.login.passkey_challenges import forget_old_challenges
from shared.accounts.ties.departures import confirm_departures, establishments_that_wait
from shared.accounts.without_letter.codes import forget_old_codes
from shared.accounts.without_letter.links import forget_old_self_activations
from shared.acting.desk import Act, Desk
from shared.clock import local_date
from shared.config import Settings
from shared.database import Database
from shared.duplicates.pairs.announcements import announce_duplicates
from shared.duplicates.pairs.daily_file import write_daily_files
from shared.duplicates.pairs.whole_school import compare_school, schools_to_compare, schools_to_tell
from shared.journal import SYSTEM, Actor, forget_old_events
from shared.limits.browsers import OF_ACCOUNTS, OF_STAFF
from shared.limits.counting import remove_forgotten
from shared.limits.familiar_places import remove_unfamiliar
from shared.notifications.letters.download import remove_old_letters
from shared.overview.figures import count_school, keep_academy_figures, keep_figures, schools_to_count
from shared.provider.ent.entering import forget_entries
from shared.provider.ent.keys import ENT_KEYS
from shared.provider.keys import KEYS
from shared.provider.logins import forget_over
from shared.retention.night import keep_no_longer
from shared.rows.holding import require_nothing_held
from shared.siecle.effects.history import forget_old_runs
from shared.siecle.uploads.files import remove_leftovers
from shared.siecle.uploads.requests import abandon_forgotten_uploads
from shared.sign_on.attempts import forget_old_attempts
from shared.watching.signs import note_daily_run

MONTHS_OF_IMPORTS = 13
"""How long « Arrivées et départs » tells what an import did: until the rentrée after the next."""

log = logging.getLogger(__name__)


def run_daily(database: Database, settings: Settings, now: datetime) -> None:
    """Do it all, each part in a transaction of its own; doing it twice changes nothing more (R9, R14, R17).

    An edge: it opens its own transactions.

    Raises:
        WorkHeld: a restoration waits to be released.
    """
    began = time.monotonic()
    today = local_date(now, settings.time_zone)
    expire_due(database, now, today, SYSTEM)
    keep_no_longer(database, settings, now, today)
    with database.writing() as session:
        _forget(session, settings, now)
    _purge_journal(database, settings, now)
    with database.reading() as session:
        remove_leftovers(session, settings.var_dir, now)
    _confirm_departures(database, now, today)
    _find_duplicates(database, now, today)
    if settings.duplicates_dir is not None:
        with database.reading() as session:
            write_daily_files(session, settings.duplicates_dir, today)
    _count_schools(database, now, today)
    took = timedelta(seconds=time.monotonic() - began)
    with database.writing() as session:
        note_daily_run(session, now, now + took)
    log.info("the daily work is done, in %.0f s", took.total_seconds())


def _forget(session: Session, settings: Settings, now: datetime) -> None:
    """What is too old for anything: letters, sessions, counts, what was begun and never ended."""
    remove_old_letters(session, now)
    OF_ACCOUNTS.remove_expired(session, now)
    OF_STAFF.remove_expired(session, now)
    remove_forgotten(session, now)
    remove_unfamiliar(session, now)
    remove_old_marks(session, now)
    forget_old_challenges(session, now)
    forget_old_self_activations(session, now)
    forget_old_codes(session, now)
    forget_old_attempts(session, now)
    forget_over(session, now)
    forget_entries(session, now)
    sealer = Sealer(settings.initial_password_keys)
    KEYS.change(session, sealer, now)
    ENT_KEYS.change(session, sealer, now)
    abandon_forgotten_uploads(session, now)
    forget_old_runs(session, now - relativedelta(months=MONTHS_OF_IMPORTS))


def expire_due(database: Database, now: datetime, today: date, actor: Actor) -> int:
    """Erase every account that was due by `today`, some at a time; returns how many (R9).

    Raises:
        WorkHeld: a restoration waits to be released: the base may not know yet who came in since the copy.
    """
    with database.reading() as session:
        require_nothing_held(session)
    erased, more = 0, True
    while more:
        with database.writing() as session:
            more = (some := expire_accounts(Act(session, actor, now), today)) > 0
        erased += some
    return erased


def _confirm_departures(database: Database, now: datetime, today: date) -> None:
    """School by school, so that no generation waits for all of them (R4)."""
    with database.reading() as session:
        establishments = establishments_that_wait(session)
    for establishment_id in establishments:
        with database.writing() as session:
            confirm_departures(Desk(session, SYSTEM, now, establishment_id, today))


def _find_duplicates(database: Database, now: datetime, today: date) -> None:
    """School by school, where fiches changed since they were compared; each is told of what nobody was told of."""
    with database.reading() as session:
        changed = schools_to_compare(session)
    for establishment_id in changed:
        compare_school(database, establishment_id, now=now, today=today, announce=True)
    with database.reading() as session:
        waiting = schools_to_tell(session)
    for establishment_id in waiting:
        with database.writing() as session:
            announce_duplicates(session, establishment_id, now=now, today=today)


def _count_schools(database: Database, now: datetime, today: date) -> None:
    """School by school, after all that changes the counts; to count one keeps nobody from writing."""
    with database.reading() as session:
        schools = schools_to_count(session)
    for establishment_id in schools:
        with database.reading() as session:
            counted = count_school(session, establishment_id, now, today)
        with database.writing() as session:
            keep_figures(session, counted)
    with database.writing() as session:
        keep_academy_figures(session, now, today)


def _purge_journal(database: Database, settings: Settings, now: datetime) -> None:
    """Some thousands at a time, each in a transaction of its own, until none is older than the setting says."""
    if not settings.journal_months:
        return
    before = now - relativedelta(months=settings.journal_months)
    more = True
    while more:
        with database.writing() as session:
            more = forget_old_events(session, before, now) > 0
