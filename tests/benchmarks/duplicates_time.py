"""How long the detection of duplicates takes, and how much memory: a school after an import, an académie at night."""

from itertools import pairwise

from sqlalchemy import delete, func, select

from shared.database import Database
from shared.duplicates.pairs.refresh import refresh_pairs
from shared.models.duplicates import DuplicatePair
from shared.models.school import Establishment, Guardian
from tests.benchmarks.duplicates_schools import imported
from tests.benchmarks.measuring import peak_mebibytes, seconds
from tests.factories import NOW

WHOLE_SECONDS, PART_SECONDS = 1.0, 0.3
SCHOOLS_OF_AN_ACADEMY, DOUBLINGS = 60, (15, 30, 60)
SECONDS, MEBIBYTES, GROWTH = 60, 1536, 2.3


def run() -> None:
    """Print both."""
    measure_one_school()
    measure_an_academy()


def measure_one_school() -> None:
    """A school of 2,000 fiches after an import, and after ten of its fiches changed."""
    with imported(1_200) as (database, _schools), database.writing() as session:
        number = session.scalars(select(Establishment.id)).one()
        count = session.scalar(select(func.count(Guardian.id))) or 0
        changed = set(session.scalars(select(Guardian.id).order_by(Guardian.id).limit(10)))
        whole = min(seconds(lambda: refresh_pairs(session, number, NOW)) for _ in range(3))
        part = min(seconds(lambda: refresh_pairs(session, number, NOW, changed)) for _ in range(3))
    verdict = "met" if whole < WHOLE_SECONDS and part < PART_SECONDS else "NOT MET"
    print(
        f"{count:,} fiches: all {whole:.2f} s, ten of them {part:.2f} s; "
        f"under {WHOLE_SECONDS:g} s and {PART_SECONDS:g} s wanted: {verdict}",
        flush=True,
    )


def measure_an_academy() -> None:
    """Every school of an académie, one after the other as every night; the time of each doubling."""
    times: dict[int, float] = {}
    with imported(2_000, establishments=SCHOOLS_OF_AN_ACADEMY) as (database, _schools):
        for schools in DOUBLINGS:
            fiches, taken = _refresh(database, schools)
            times[schools] = taken
            print(f"{fiches:,} fiches of {schools} schools: {taken:.1f} s", flush=True)
    growth = max(times[b] / times[a] for a, b in pairwise(DOUBLINGS))
    peak = peak_mebibytes()
    met = times[DOUBLINGS[-1]] < SECONDS and peak < MEBIBYTES and growth <= GROWTH
    print(f"growth {growth:.2f} per doubling, peak {peak:.0f} MiB: {'met' if met else 'NOT MET'}")


def _refresh(database: Database, schools: int) -> tuple[int, float]:
    with database.writing() as session:
        session.execute(delete(DuplicatePair))
        numbers = session.scalars(select(Establishment.id).order_by(Establishment.id).limit(schools)).all()
        fiches = session.scalar(select(func.count(Guardian.id)).where(Guardian.establishment_id.in_(numbers))) or 0

    def every_school() -> None:
        for number in numbers:
            with database.writing() as session:
                refresh_pairs(session, number, NOW)

    return fiches, seconds(every_school)


if __name__ == "__main__":
    run()
