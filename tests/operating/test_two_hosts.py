"""Two hosts on one PostgreSQL and one Redis, under load, while one thing after the other fails (R18, R38).

`FAULT_HOSTS_SECONDS` says how long the load lasts in all; Redis is away for a fifth of it, and a host for a tenth.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.database import Database
from tests.conftest import skip_or_fail
from tests.notifications.faults.postgresql import Cluster, own_cluster
from tests.notifications.faults.redis_server import OwnRedis
from tests.operating.balancer import balanced
from tests.operating.conftest import STUDENTS
from tests.operating.hosts import NETWORK, SERVICES, Host, two_hosts
from tests.operating.installation import Installation, Process
from tests.operating.load import Load, Refused
from tests.operating.outcome import account_for, let_leases_end, wait_until_settled
from tests.patience import wait_until
from tests.smtp import MailServer

SECONDS = float(os.environ.get("FAULT_HOSTS_SECONDS", "40"))
PARENTS, DIVISIONS, MAILS = 3, max(10, int(SECONDS / 10)), 15
PORTS = {"portal": 5002, "admin": 5001}
KINDS = (*PORTS, "worker")
NOTICING_SECONDS = 20.0
"""A relay asks a server that failed again after five seconds; and this machine may be busy."""

pytestmark = pytest.mark.slow

Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Fault:
    """What failed, and from when to when."""

    name: str
    began: float
    ended: float


class Site:
    """Both hosts, what runs on them and what they share."""

    def __init__(self, hosts: list[Host], installation: Installation) -> None:
        self.hosts = hosts
        self.faults: list[Fault] = []
        self._installation = installation
        self.running = {(host, kind): self._start(host, kind) for host in hosts for kind in KINDS}
        for process in self.running.values():
            process.ready()

    @property
    def addresses(self) -> dict[str, list[str]]:
        return {kind: [f"{host.address}:{port}" for host in self.hosts] for kind, port in PORTS.items()}

    def _start(self, host: Host, kind: str) -> Process:
        address = f"{host.address}:{PORTS[kind]}" if kind in PORTS else ""
        return self._installation.start(kind, address, within=host.within)

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.faults.append(Fault(name, began, time.monotonic()))

    def kill_and_replace(self, host: Host, kind: str) -> None:
        with self.fault(f"{kind} killed and replaced"):
            self.running[host, kind].kill()
            self.running[host, kind] = self._start(host, kind).ready()

    def replace_workers(self) -> None:
        """Stop those that run, let the leases of the dead end, and start others."""
        for host in self.hosts:
            self.running[host, "worker"].stop()
        let_leases_end(Database(self._installation.database_url.replace("postgresql:", "postgresql+psycopg:")))
        for host in self.hosts:
            self.running[host, "worker"] = self._start(host, "worker")


@pytest.fixture
def hosts() -> Iterator[list[Host]]:
    with two_hosts() as hosts:
        yield hosts


@pytest.fixture
def cluster(hosts: list[Host]) -> Iterator[Cluster]:
    with own_cluster(SERVICES, NETWORK) as cluster:
        if cluster is None:
            skip_or_fail("no initdb: PostgreSQL is not installed here")
        yield cluster


@pytest.fixture
def shared_redis(hosts: list[Host], tmp_path: Path) -> Iterator[OwnRedis]:
    found = shutil.which("redis-server")
    if found is None:
        skip_or_fail("no redis-server on this machine")
    server = OwnRedis(str(found), tmp_path, SERVICES)
    server.start()
    yield server
    server.stop()


def test_on_postgresql_two_hosts_lose_and_double_nothing_whatever_fails(
    hosts: list[Host], cluster: Cluster, shared_redis: OwnRedis, files: tuple[Path, ...], tmp_path: Path, tell: Tell
) -> None:
    with MailServer(host=SERVICES) as mail_server:
        url = cluster.url.replace("+psycopg", "")
        installation = Installation(tmp_path, url, shared_redis.url, mail_server.environment)
        installation.run("-m", "shared.cli", "init-db")
        installation.run(str(Path(__file__).with_name("seed.py")), str(PARENTS), str(DIVISIONS), str(MAILS))
        site = Site(hosts, installation)
        with balanced(tmp_path / "relay", site.addresses) as balancer:
            load = Load(balancer.port, DIVISIONS, files, pause=max(1.0, SECONDS / DIVISIONS / 2))
            with load.at_work(PARENTS):
                disturb(site, cluster, shared_redis)
                wait_until(lambda: len(load.campaigns) == DIVISIONS, "everybody is notified", lambda: load.done)
        site.replace_workers()
        database = Database(cluster.url)
        wait_until_settled(database, DIVISIONS * MAILS)
        for process in site.running.values():
            process.stop()
        kills = sum(fault.name.startswith("worker") for fault in site.faults)
        found = account_for(database, load, mail_server.mailbox, DIVISIONS * MAILS, STUDENTS, window=kills)
        database.dispose()
    for fault, refused in by_fault(site.faults, load.refused).items():
        assert [one for one in refused if one.began > fault.ended + NOTICING_SECONDS] == []
        tell(f"two hosts: {fault.name}", told(fault, refused))
    tell(
        f"two hosts under load for {SECONDS:g} s",
        f"{load.done} things done; of {found.mails} mails {found.repeated} repeated, of {found.links} links and "
        f"{found.imports} imports none lost or twice",
    )


def disturb(site: Site, cluster: Cluster, shared_redis: OwnRedis) -> None:
    """One fault after the other, with calm between them."""
    calm = SECONDS * 0.65 / 10
    time.sleep(calm)
    for host in site.hosts:
        for kind in KINDS:
            site.kill_and_replace(host, kind)
            time.sleep(calm)
    with site.fault("PostgreSQL crashed and started"):
        cluster.crash()
        cluster.start()
    time.sleep(calm)
    with site.fault("Redis stopped"):
        shared_redis.stop()
        time.sleep(SECONDS / 5)
        shared_redis.start()
    time.sleep(calm)
    with site.fault("a host cut off"), site.hosts[0].cut_off():
        time.sleep(SECONDS / 10)
    time.sleep(calm)


def by_fault(faults: list[Fault], refused: list[Refused]) -> dict[Fault, list[Refused]]:
    """What was refused, each by the last fault that had begun when it ended."""
    found: dict[Fault, list[Refused]] = {fault: [] for fault in faults}
    for one in refused:
        before = [fault for fault in faults if fault.began <= one.ended]
        assert before, f"refused before anything failed: {one.what}"
        found[before[-1]].append(one)
    return found


def told(fault: Fault, refused: list[Refused]) -> str:
    """How long it lasted, what was refused because of it, and when the last of that was asked."""
    lasted = f"lasted {fault.ended - fault.began:.1f} s"
    if not refused:
        return f"{lasted}; nothing refused"
    last = max(one.began for one in refused) - fault.began
    return f"{lasted}; {len(refused)} things refused, the last asked {last:.1f} s after its beginning"
