"""Times pieces of work side by side in one run, and reads the peak of memory of a process."""

import resource
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg
from sqlalchemy import make_url

from shared import schema
from shared.database import Database
from tests.conftest import POSTGRES


@dataclass(frozen=True)
class Target:
    """What a figure should be: at most, or at least, this ratio to the baseline; or as much, give or take the ratio."""

    ratio: float
    at_most: bool = True
    either_way: bool = False

    def __str__(self) -> str:
        if self.either_way:
            return f"between {1 / self.ratio:.3g} and {self.ratio:g}"
        return f"{'at most' if self.at_most else 'at least'} {self.ratio:g}"

    def met(self, ratio: float) -> bool:
        """Whether `ratio` is good enough."""
        if self.either_way:
            return 1 / self.ratio <= ratio <= self.ratio
        return ratio <= self.ratio if self.at_most else ratio >= self.ratio


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def report(what: str, ours: list[float], baseline: list[float], named: str, target: Target, unit: str = "s") -> None:
    """Print medians and their ratio; the two were measured in turns, in this run."""
    ratio = median(ours) / median(baseline)
    verdict = "met" if target.met(ratio) else "NOT MET"
    print(
        f"{what}: {median(ours):.3g} {unit} (from {min(ours):.3g} to {max(ours):.3g}); {named}: "
        f"{median(baseline):.3g} {unit}; ratio {ratio:.2f}, {target} wanted: {verdict}"
    )


def peak_mebibytes() -> float:
    """The highest resident memory of this process so far.

    Linux counts in `ru_maxrss` what the parent held when it started this process: its own peak is told elsewhere.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak_of_processes(parent: int) -> float:
    """The highest resident memory of a process and of its children, each at its own peak, in MiB."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in (parent, *children)]
    peaks = [line.split()[1] for status in statuses for line in status.splitlines() if line.startswith("VmHWM")]
    return sum(map(int, peaks)) / 1024


@contextmanager
def empty_databases(folder: Path) -> Iterator[dict[str, Database]]:
    """An empty database of each kind that this machine has, removed at the end."""
    name = f"teleservices_bench_{uuid.uuid4().hex[:8]}"
    databases = {"SQLite": Database(f"sqlite:///{folder / 'bench.db'}")}
    on_postgresql = _create(name)
    if on_postgresql:
        url = make_url(POSTGRES).set(drivername="postgresql+psycopg", database=name)
        databases["PostgreSQL"] = Database(url.render_as_string(hide_password=False))
    try:
        for database in databases.values():
            schema.upgrade(database.engine)
        yield databases
    finally:
        for database in databases.values():
            database.dispose()
        if on_postgresql:
            with psycopg.connect(POSTGRES, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _create(name: str) -> bool:
    try:
        with psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    except psycopg.OperationalError as error:
        print(f"no PostgreSQL, measured on SQLite only: {error}")
        return False
    return True
