"""A database, a queue, a disk or a clock that fails in the middle of a campaign (R18)."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from sqlalchemy import make_url, text

from shared import schema
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import AccountState
from shared.models.notifications import Campaign, DeliveryState, Mode
from shared.notifications.campaigns.selection import Criteria
from shared.worker.bells import ring_campaign
from tests.conftest import skip_or_fail
from tests.notifications.conftest import School
from tests.notifications.faults.accounting import PAST_EVERY_LEASE, account_for, is_over, let_it_end
from tests.notifications.faults.postgresql import Cluster, own_cluster
from tests.notifications.faults.redis_server import OwnRedis
from tests.notifications.faults.workers import Circumstances, worker
from tests.patience import wait_until
from tests.smtp import Mailbox

MAILS, LETTERS = 40, 12
LOCKED_SECONDS = float(os.environ.get("FAULT_LOCK_SECONDS", "3"))
ALL_DONE = {DeliveryState.SENT: MAILS, DeliveryState.PRINTED: LETTERS}
LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""

pytestmark = pytest.mark.slow

Tell = Callable[[str, str], None]
Launch = Callable[..., Campaign]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def at_mails(mailbox: Mailbox, moments: set[int], disturb: Callable[[], object]) -> None:
    """Do something when the server has received so many mails, before it accepts the next."""
    mailbox.seconds_to_accept = 0.01

    def answer(_: str) -> None:
        if len(mailbox.messages) in moments:
            moments.remove(len(mailbox.messages))
            disturb()

    mailbox.answer_data = answer


@on_sqlite
def test_a_database_locked_by_another_process(
    school: School, launch: Launch, settings: Settings, mailbox: Mailbox, tmp_path: Path, tell: Tell
) -> None:
    """For longer than anybody waits for it."""
    campaign = launch(MAILS, LETTERS)
    lockers: list[subprocess.Popen[str]] = []

    def lock() -> None:
        path = make_url(settings.database).database
        command = [sys.executable, "-c", LOCK, str(path), str(LOCKED_SECONDS)]
        locker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert locker.stdout
        assert locker.stdout.readline() == "locked\n"
        lockers.append(locker)

    at_mails(mailbox, {5}, lock)
    log = tmp_path / "log"
    log.touch()
    with worker(settings, Circumstances(lock_seconds=LOCKED_SECONDS / 4, log=log)) as busy:
        wait_until(lambda: lockers, "the database is locked")
        assert lockers[0].wait() == 0
        let_it_end(school, campaign, busy)
    assert "the database is away" in log.read_text()
    found = account_for(school, campaign, mailbox)
    assert found.states == ALL_DONE
    tell(f"SQLite locked for {LOCKED_SECONDS:g} s", f"{found.repeated} mails repeated, none failed")


@on_postgresql
def test_every_connection_to_postgresql_cut_again_and_again(
    school: School, launch: Launch, settings: Settings, mailbox: Mailbox, tell: Tell
) -> None:
    campaign = launch(MAILS, LETTERS)
    cuts: list[int] = []

    def cut() -> None:
        with school.database.engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'worker'"
                )
            )
            cuts.append(found.scalar_one())

    at_mails(mailbox, {2, 3, 11, 25}, cut)
    named = {"database_url": f"{settings.database}?application_name=worker"}
    with worker(Settings(**(settings.model_dump() | named))) as busy:
        let_it_end(school, campaign, busy)
    assert len(cuts) == 4
    assert all(cuts)
    found = account_for(school, campaign, mailbox)
    assert found.states == ALL_DONE
    tell("PostgreSQL: every connection cut, 4 times", f"{found.repeated} mails repeated, none failed")


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    found = shutil.which("redis-server")
    if found is None:
        skip_or_fail("no redis-server on this machine")
    server = OwnRedis(str(found), tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with own_cluster() as cluster:
        if cluster is None:
            skip_or_fail("no initdb: PostgreSQL is not installed here")
        assert cluster
        database = Database(cluster.url)
        schema.upgrade(database.engine)
        database.dispose()
        yield cluster


class TestRestart:
    """On a server of its own."""

    @pytest.fixture
    def database_url(self, cluster: Cluster) -> str:
        return cluster.url

    def test_a_postgresql_that_crashes_and_starts_again(
        self,
        school: School,
        launch: Launch,
        settings: Settings,
        mailbox: Mailbox,
        cluster: Cluster,
        tell: Tell,
    ) -> None:
        campaign = launch(MAILS, LETTERS)
        crashes: list[bool] = []

        def crash() -> None:
            cluster.crash()
            crashes.append(True)

        at_mails(mailbox, {7}, crash)
        with worker(settings) as busy:
            wait_until(lambda: crashes, "PostgreSQL crashes")
            cluster.start()
            let_it_end(school, campaign, busy)
        found = account_for(school, campaign, mailbox)
        assert found.states == ALL_DONE
        tell("PostgreSQL crashes and starts again", f"{found.repeated} mails repeated, none failed")


@on_postgresql
def test_a_redis_flushed_in_the_middle_and_before_the_bell_was_heard(
    school: School, launch: Launch, settings: Settings, mailbox: Mailbox, redis_url: str, tell: Tell
) -> None:
    """Nobody else's Redis: a database of its own."""
    own = redis_url.rpartition("/")[0] + "/11"
    settings = settings.model_copy(update={"redis_url": own})
    server = redis.Redis.from_url(own)
    campaign = launch(MAILS, LETTERS)
    flushed: list[object] = []
    at_mails(mailbox, {5, 20}, lambda: flushed.append(server.flushdb()))
    with worker(settings) as busy:
        wait_until(lambda: is_over(school, campaign), "the campaign goes on")
        second = launch_again(school)
        ring_campaign(settings)
        flushed.append(server.flushdb())
        wait_until(lambda: is_over(school, second), "the sweep finds what no bell told of")
        busy.stop()
    assert len(flushed) == 3
    found = account_for(school, campaign, mailbox, window=0, others=school.rows(second))
    assert found.states == ALL_DONE
    tell("Redis flushed, 3 times", f"{found.repeated} mails repeated, none lost")


@on_postgresql
def test_a_redis_that_is_stopped_and_started_again(
    school: School,
    launch: Launch,
    settings: Settings,
    mailbox: Mailbox,
    own_redis: OwnRedis,
    tmp_path: Path,
    tell: Tell,
) -> None:
    """Everything leaves without it, and a few lines tell of it, not one for each time that it is asked."""
    settings = settings.model_copy(update={"redis_url": own_redis.url})
    campaign = launch(MAILS, LETTERS)
    log = tmp_path / "log"
    log.touch()
    own_redis.stop()
    with worker(settings, Circumstances(log=log)) as busy:
        wait_until(lambda: is_over(school, campaign), "it leaves without Redis", lambda: school.states(campaign))
        ring_campaign(settings)
        wait_until(lambda: "the queue is away" in log.read_text(), "it is told")
        own_redis.start()
        wait_until(lambda: "the queue is back" in log.read_text(), "Redis is heard again")
        second = launch_again(school)
        wait_until(lambda: is_over(school, second), "and goes on with it")
        busy.stop()
    lines = log.read_text().splitlines()
    assert [line for line in lines if "Traceback" in line] == []
    assert len([line for line in lines if "the queue is" in line]) == 2
    found = account_for(school, campaign, mailbox, window=0, others=school.rows(second))
    assert found.states == ALL_DONE
    tell("Redis stopped, and started again", f"{found.repeated} mails repeated, none waits; {len(lines)} lines logged")


def launch_again(school: School) -> Campaign:
    """One more mail."""
    school.family("GRONDIN", email="later@example.org", identifier="courriel-x")
    return school.launch(Mode.MAIL, Criteria(states=frozenset({AccountState.NOT_NOTIFIED})))


@on_sqlite
def test_a_disk_that_is_full_while_letters_are_written(
    school: School, launch: Launch, settings: Settings, mailbox: Mailbox, tmp_path: Path, tell: Tell
) -> None:
    campaign = launch(letters=60)
    school.session.close()
    database = str(make_url(settings.database).database)
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = tmp_path / "log"
    log.touch()
    with worker(settings, Circumstances(file_bytes=120_000, log=log)) as busy:
        wait_until(lambda: "disk" in log.read_text(), "the disk is full")
        busy.stop()
    assert school.states(campaign)[DeliveryState.PRINTED] == 0
    with worker(settings, ahead=PAST_EVERY_LEASE) as busy:
        let_it_end(school, campaign, busy)
    found = account_for(school, campaign, mailbox)
    assert found.states == {DeliveryState.PRINTED: 60}
    tell("disk full while the PDF is written", "60 letters, each once, when there is room again")


@on_sqlite
def test_a_clock_that_goes_back_an_hour(
    school: School, launch: Launch, settings: Settings, mailbox: Mailbox, tell: Tell
) -> None:
    """What was never tried goes on at once: nothing waits for the hour to come again."""
    campaign = launch(MAILS, LETTERS)
    with worker(settings) as busy:
        at_mails(mailbox, {5}, lambda: busy.set_back(timedelta(hours=1)))
        wait_until(lambda: is_over(school, campaign), "the campaign goes on")
    found = account_for(school, campaign, mailbox)
    assert found.states == ALL_DONE
    tell("the clock goes back an hour", f"{found.repeated} mails repeated, nothing waits")
