"""A PostgreSQL of one's own, that a test may stop as it likes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

INSTALLED = "/usr/lib/postgresql"


@dataclass(frozen=True)
class Cluster:
    """Where it listens, and how to make it start again."""

    folder: Path
    port: int
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """Of its one database."""
        return f"postgresql+psycopg://postgres@{self.host}:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._control("start", "-o", f"-p {self.port} -k {self.folder} -c fsync=off -c listen_addresses={self.host}")

    def crash(self) -> None:
        """Every process of it dies at once, as when the machine does."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        log = self.folder / "log"
        _run("pg_ctl", "-D", str(self.folder), "-l", str(log), "-w", *arguments)


@contextmanager
def own_cluster(host: str = "127.0.0.1", trusted: str = "127.0.0.1/32") -> Iterator[Cluster | None]:
    """A running cluster, removed at the end; none where the programs of PostgreSQL are not installed.

    It answers at `host`, and lets the network `trusted` in.
    """
    if _program("initdb") is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="teleservices-pg-", dir="/tmp"))
    cluster = Cluster(folder, free_port(), host)
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        _run("initdb", "-D", str(folder), "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C")
        with (folder / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {trusted} trust\n")
        cluster.start()
        yield cluster
        cluster.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str | None:
    found = [str(path) for path in sorted(Path(INSTALLED).glob(f"*/bin/{name}"))]
    return shutil.which(name) or (found[-1] if found else None)


def _run(name: str, *arguments: str) -> None:
    program = _program(name)
    assert program
    run_as_its_owner(program, *arguments)


def run_as_its_owner(program: str, *arguments: str) -> None:
    """Run a program of the cluster: none of them runs as root."""
    who = "postgres" if os.geteuid() == 0 else None
    subprocess.run([program, *arguments], check=True, user=who, stdout=subprocess.DEVNULL, cwd="/")
