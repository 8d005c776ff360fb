"""What Prometheus asks for, read from the database each time it asks; no row of a family, and no name (R38)."""

import logging
import signal
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from shared.clock import now
from shared.database import Database
from shared.journal import last_event_id
from shared.logs.discretion import what
from shared.logs.outage import Outage
from shared.models.imports.uploads import ImportState, SchoolImport
from shared.models.notifications import WAITING, AccountMail, Notification
from shared.watching.journal_order import InOrder
from shared.watching.judgement import judge
from shared.watching.state import read_background

RECENTLY = timedelta(hours=1)
EVENTS_AT_ONCE = 5_000

log = logging.getLogger(__name__)


class InstallationMetrics(Collector):
    """Counts of the whole installation, asked again at each scrape, by indexes on what waits or is recent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._events: dict[str, int] = {}
        self._journal: InOrder | None = None
        self._outage = Outage(log, "the database", "metrics say teleservices_up 0")

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: it would ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Everything, as of now; when the database is away, that."""
        try:
            with self._lock, self._database.reading() as session:
                found = list(self._read(session, now()))
            self._outage.worked()
        except SQLAlchemyError as error:
            self._outage.failed(what(error))
            found = []
        yield GaugeMetricFamily("teleservices_up", "Whether the database answers.", 1 if found else 0)
        yield from found

    def _read(self, session: Session, instant: datetime) -> Iterator[Metric]:
        yield from _background(session, instant)
        yield _waiting(session)
        yield _settled(session, instant)
        yield _mail_seconds(session, instant)
        yield _imports(session)
        self._count_events(session)
        events = CounterMetricFamily(
            "teleservices_events", "Events of the journal since this process started.", labels=["action"]
        )
        for action, number in sorted(self._events.items()):
            events.add_metric([action], number)
        yield events

    def _count_events(self, session: Session) -> None:
        if self._journal is None:
            self._journal = InOrder(last_event_id(session))
        for event in self._journal.next_page(session, EVENTS_AT_ONCE):
            self._events[event.action] = self._events.get(event.action, 0) + 1


def _background(session: Session, instant: datetime) -> Iterator[Metric]:
    background = read_background(session, instant)
    yield GaugeMetricFamily("teleservices_workers", "Workers heard of in the last minutes.", background.workers)
    ages = GaugeMetricFamily("teleservices_oldest_seconds", "For how long the oldest due one waits.", labels=["queue"])
    for queue, since in background.waiting_since.items():
        ages.add_metric([queue.value], 0.0 if since is None else max(0.0, (instant - since).total_seconds()))
    yield ages
    outage = background.outage
    seconds = 0.0 if outage is None else (instant - outage.since).total_seconds()
    yield GaugeMetricFamily("teleservices_mail_outage_seconds", "For how long the mail server is away.", seconds)
    if background.daily is not None:
        at = background.daily.finished_at.timestamp()
        yield GaugeMetricFamily("teleservices_daily_finished_timestamp_seconds", "When the daily work ended.", at)
        yield GaugeMetricFamily("teleservices_daily_seconds", "How long it took.", background.daily.seconds)
    levels = GaugeMetricFamily(
        "teleservices_level", "0: good, 1: attention, 2: critical, as « teleservices status ».", labels=["finding"]
    )
    for finding in judge(background, instant):
        levels.add_metric([finding.name], finding.level.value)
    yield levels


def _waiting(session: Session) -> Metric:
    waiting = GaugeMetricFamily(
        "teleservices_waiting", "Mails and letters that wait.", labels=["kind", "channel", "state"]
    )
    rows = session.execute(
        select(Notification.channel, Notification.delivery, func.count())
        .where(Notification.delivery.in_(WAITING))
        .group_by(Notification.channel, Notification.delivery)
    )
    for channel, state, number in rows:
        waiting.add_metric(["notification", channel, state.value], number)
    mails = session.execute(
        select(AccountMail.delivery, func.count())
        .where(AccountMail.delivery.in_(WAITING))
        .group_by(AccountMail.delivery)
    )
    for state, number in mails:
        waiting.add_metric(["account_mail", "mail", state.value], number)
    return waiting


def _settled(session: Session, instant: datetime) -> Metric:
    settled = GaugeMetricFamily(
        "teleservices_settled_last_hour", "What became of those settled in the last hour.", labels=["kind", "state"]
    )
    for kind, rows in (("notification", Notification), ("account_mail", AccountMail)):
        found = session.execute(
            select(rows.delivery, func.count()).where(rows.settled_at > instant - RECENTLY).group_by(rows.delivery)
        )
        for state, number in found:
            settled.add_metric([kind, state.value], number)
    return settled


def _mail_seconds(session: Session, instant: datetime) -> Metric:
    seconds = GaugeMetricFamily(
        "teleservices_account_mail_seconds", "From the request to the mail server, in the last hour.", labels=["of"]
    )
    found = session.execute(
        select(AccountMail.created_at, AccountMail.settled_at).where(AccountMail.settled_at > instant - RECENTLY)
    ).all()
    waits = [(settled - created).total_seconds() for created, settled in found if settled is not None]
    if waits:
        seconds.add_metric(["mean"], sum(waits) / len(waits))
        seconds.add_metric(["longest"], max(waits))
    return seconds


def _imports(session: Session) -> Metric:
    imports = GaugeMetricFamily("teleservices_imports", "Imports being worked on, or waiting.", labels=["state"])
    open_states = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.IMPORTING)
    found = session.execute(
        select(SchoolImport.state, func.count()).where(SchoolImport.state.in_(open_states)).group_by(SchoolImport.state)
    )
    for state, number in found:
        imports.add_metric([state.value], number)
    return imports


def serve_metrics(database: Database, host: str, port: int) -> None:
    """Answer Prometheus until SIGTERM or SIGINT.

    Raises:
        OSError: the address cannot be listened to.
    """
    stopping = threading.Event()
    registry = CollectorRegistry()
    registry.register(InstallationMetrics(database))
    server, thread = start_http_server(port, host, registry)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stopping.wait()
    server.shutdown()
    thread.join()
