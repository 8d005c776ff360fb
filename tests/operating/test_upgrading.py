"""The previous release serves the tables of this one while its processes are replaced, one by one, under load (R38)."""

import io
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.database import Database
from shared.migrations.version import known_revisions, revision_of
from tests.notifications.faults.redis_server import OwnRedis
from tests.operating.balancer import balanced
from tests.operating.conftest import STUDENTS
from tests.operating.installation import ROOT, Installation, Process
from tests.operating.load import Load
from tests.operating.outcome import account_for, wait_until_settled
from tests.patience import wait_until
from tests.ports import free_port
from tests.smtp import MailServer

PREVIOUS, ITS_TABLES = "fe461d8b785c0f53b700b722adc331ad156cdb29", "0032"
"""The release before, in the history: it needs no library that this one has not."""
PARENTS, DIVISIONS, MAILS = 3, 10, 15
THINGS_DONE = 20
"""Between two steps: everybody came by, also on the machine that was replaced last."""
SERVERS = ("portal", "admin")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the previous release."""
    archive = subprocess.run(["git", "archive", PREVIOUS], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode != 0:
        # No server that is missing: a copy of the sources without their past, in which there is nothing to try.
        pytest.skip(f"the history here does not reach back to {PREVIOUS[:9]} (git fetch --unshallow)")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
def installation(empty_postgres_url: str, mail_server: MailServer, own_redis: OwnRedis, tmp_path: Path) -> Installation:
    return Installation(tmp_path, empty_postgres_url, own_redis.url, mail_server.environment)


def started(installation: Installation, code: Path) -> list[Process]:
    """Two machines: a portal, an admin and a worker each."""
    servers = [installation.start(kind, f"127.0.0.1:{free_port()}", code=code) for kind in SERVERS for _ in range(2)]
    everything = [*servers, *(installation.start("worker", code=code) for _ in range(2))]
    return [process.ready() for process in everything]


def addresses(running: list[Process], *but: Process) -> dict[str, list[str]]:
    """Where each application answers, without those of `but`."""
    return {kind: [one.address for one in running if one.kind == kind and one not in but] for kind in SERVERS}


def revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return revision_of(connection)


def test_on_postgresql_every_process_of_the_previous_release_is_replaced_under_load_without_an_error(
    previous: Path,
    installation: Installation,
    mail_server: MailServer,
    files: tuple[Path, ...],
    tmp_path: Path,
    tell: Callable[[str, str], None],
) -> None:
    installation.run("-m", "shared.cli", "init-db", code=previous)
    seed = Path(__file__).with_name("seed.py")
    installation.run(str(seed), str(PARENTS), str(DIVISIONS), str(MAILS), code=previous)
    database = Database(installation.database_url.replace("postgresql:", "postgresql+psycopg:"))
    assert revision(database) == ITS_TABLES
    running = started(installation, previous)
    with balanced(tmp_path / "relay", addresses(running)) as balancer:
        load = Load(balancer.port, DIVISIONS, files)

        def work_goes_on() -> None:
            wanted = load.done + THINGS_DONE
            wait_until(lambda: load.done >= wanted, "people work", lambda: load.done)

        with load.at_work(PARENTS):
            work_goes_on()
            installation.run("-m", "shared.cli", "init-db")
            assert revision(database) == known_revisions()[0]
            work_goes_on()
            for former in list(running):
                if former.kind in SERVERS:
                    # Out of the balancer first: what it was asked, it still answers.
                    balancer.lead_to(addresses(running, former))
                former.stop()
                running[running.index(former)] = installation.start(former.kind, former.address).ready()
                balancer.lead_to(addresses(running))
                work_goes_on()
            wait_until(lambda: len(load.campaigns) == DIVISIONS, "everybody is notified", lambda: load.done)
        wait_until_settled(database, DIVISIONS * MAILS)
        for process in running:
            process.stop()
    assert load.refused == []
    found = account_for(database, load, mail_server.mailbox, DIVISIONS * MAILS, STUDENTS)
    database.dispose()
    tell(
        "upgraded under load, process by process",
        f"{load.done} things done, none refused; {found.mails} mails, {found.repeated} repeated; "
        f"{found.links} links, {found.imports} imports, none lost or twice",
    )
