"""The home page of parents while 64 others are slow in every way, and without them, in turns, under the same gunicorn.

The slow ones are silent, send a byte now and then, or ask for much and read nothing.
"""

import tempfile
from pathlib import Path
from statistics import quantiles

from tests.benchmarks.measuring import Target, empty_databases, report
from tests.benchmarks.portal_load import Parent, Times, fill, serving, times_of
from tests.web.slow import slow_clients

TARGET = Target(2)
PARENTS, ROUNDS, TURNS = 4, 9, 25
"""Few enough that they do not wait for each other: the slow ones are what is measured. Of a hundred pages a round, five
are slower than the percentile: of twenty, it was the one that anything else on the machine had made wait."""


def run() -> None:
    """Print the 95th percentile of the home page, of both databases."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            fill(database)
            with serving(database, Path(folder)) as (port, _):
                parents = [Parent(port, f"p.nom{number}") for number in range(PARENTS)]
                slowest_pages(parents)
                ours, alone = [], []
                for _ in range(ROUNDS):
                    alone.append(slowest_pages(parents))
                    with slow_clients(port):
                        ours.append(slowest_pages(parents))
            report(f"p95 of the home page beside 64 slow clients, {kind}", ours, alone, "without them", TARGET)


def slowest_pages(parents: list[Parent]) -> float:
    """The 95th percentile of some pages, one after the other, in seconds."""
    taken: Times = []
    for _ in range(TURNS):
        for parent in parents:
            taken += times_of("/")(parent)
    return quantiles(taken, n=20)[-1]


if __name__ == "__main__":
    run()
