"""Every main page of a school of 1,200 students and their families, against a bare page of the same application.

The bare page is « Changer mon mot de passe »: a login, the menu and one form. Each page is asked for in turns with it,
so that both meet the same machine.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from shared import clock
from shared.database import Database
from shared.journal import COMMAND
from shared.models.school import Division, Establishment, Guardian
from shared.siecle.asked import Asked
from shared.siecle.importing import import_files
from shared.siecle.invented import Invention, write_schools
from tests.admin.browser import Browser
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.benchmarks.screens import ROUNDS, SCREENS, application, open_screen, percentile, put_to_use
from tests.factories import make_staff

STUDENTS = 1_200
"""Of some 2,000 guardians."""
TARGET = Target(5)
BARE = "/mot-de-passe/"


def run() -> None:
    """Print the figures of both databases."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        for kind, database in databases.items():
            measure(kind, database, Path(folder))
    print(f"  peak memory of the process: {peak_mebibytes():.0f} MiB")


def measure(kind: str, database: Database, folder: Path) -> None:
    """Each page in turns with the bare one."""
    browser, names = head_at_work(database, folder)
    for screen, path in SCREENS.items():
        ours, bare = in_turns(partial(open_screen, browser, path.format(**names)), partial(open_screen, browser, BARE))
        report(f"{screen}, p95, {kind}", [percentile(ours)], [percentile(bare)], "a bare page", TARGET, unit="ms")


def in_turns(one: Callable[[], object], other: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Milliseconds of each of the two; the first times, that load and compile, are left out."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS + 2):
        for work, times in zip((one, other), taken, strict=True):
            spent = seconds(work)
            if turn >= 2:
                times.append(1000 * spent)
    return taken


def head_at_work(database: Database, folder: Path) -> tuple[Browser, dict[str, object]]:
    """The head of an invented school that was imported and is in use, logged in; what the screens name of it."""
    (written,) = write_schools(folder / "school", Invention(students=STUDENTS))
    import_files(database, written.files, Asked(actor=COMMAND, now=clock.now(), uai=written.uai))
    put_to_use(database)
    with database.writing() as session:
        make_staff(session, "chef", session.scalars(select(Establishment)).one())
        fiche = session.scalars(select(func.min(Guardian.id)).where(Guardian.account_id.is_not(None))).one()
        division = session.scalars(select(func.min(Division.code))).one()
    browser = Browser(application(database, folder))
    browser.log_in("chef")
    return browser, {"fiche": fiche, "division": division}


if __name__ == "__main__":
    run()
