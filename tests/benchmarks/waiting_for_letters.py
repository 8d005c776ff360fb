"""Letters that somebody waits for: one on screen, and those of `notify --pdf`, beside the renderer alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.admin.browser import Browser
from tests.benchmarks.generate_accounts import fill_school
from tests.benchmarks.measuring import Target, empty_databases, report, seconds
from tests.benchmarks.portal_login import SECRETS
from tests.benchmarks.screens import application
from tests.factories import make_establishment, make_staff

ROUNDS = 9
ON_SCREEN = Target(3)
COMMANDS = {30: Target(0.6), 400: Target(0.2)}
PREVIEW = "/parametrage/courriers/pdf"
ONE_BY_ONE = """
import sys
from tests.benchmarks.letters import _sender, families
from shared.notifications.letters.content import letter_of
from shared.notifications.letters.pages import page_of
from shared.notifications.letters.renderer import render
sender = _sender()
for notice in families(int(sys.argv[1])): render(page_of(letter_of(notice), sender))
"""


def run() -> None:
    """Print both, on SQLite."""
    on_screen()
    for letters, target in COMMANDS.items():
        whole_command(letters, target)


def on_screen() -> None:
    """« Visualiser le courrier », the renderer warm, in turns with laying out that letter in a warm process."""
    from shared.notifications.letters.pages import filling
    from shared.notifications.letters.typesetting.layout import typeset
    from tests.benchmarks.letters import _sender, families

    letter = filling(next(families(1)), _sender())
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        database = databases["SQLite"]
        with database.writing() as session:
            make_staff(session, "chef", make_establishment(session))
        browser = Browser(application(database, Path(folder)))
        browser.log_in("chef")
        ours, alone = [], []
        for _ in range(ROUNDS + 2):
            ours.append(1000 * seconds(lambda: show(browser)))
            alone.append(1000 * seconds(lambda: typeset([letter])))
    named = "laying out that letter alone, warm"
    report("one letter on screen", ours[2:], alone[2:], named, ON_SCREEN, unit="ms")


def show(browser: Browser) -> None:
    """Ask for the letter, and see that it is one."""
    assert browser.get(PREVIEW).data.startswith(b"%PDF")


def whole_command(letters: int, target: Target) -> None:
    """`notify --pdf` from its start to its end, beside a process that makes as many with xhtml2pdf one by one."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            **SECRETS,
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
            "VAR_DIR": folder,
        }
        # In turns; the first one writes bytecode, and is left out.
        times = [(notify(letters, folder, environment), one_by_one(letters, environment)) for _ in range(3)][1:]
    ours, plain = ([each[side] for each in times] for side in (0, 1))
    named = "a bare process with xhtml2pdf one by one"
    report(f"notify --pdf of {letters} letters, whole command", ours, plain, named, target)


def notify(letters: int, folder: str, environment: Mapping[str, str]) -> float:
    """How long the command takes in a school of so many guardians with an address, in seconds."""
    with tempfile.TemporaryDirectory(dir=folder) as own, empty_databases(Path(own)) as databases:
        database = databases["SQLite"]
        with database.writing() as session:
            school = make_establishment(session)
            session.flush()
            fill_school(session, school.id, letters)
            session.connection().exec_driver_sql(
                "UPDATE guardian SET address_line1 = '1 rue des Filaos', postal_code = '97400', city = 'SAINT-DENIS'"
            )
            uai = school.uai
        told = {**environment, "DATABASE_URL": database.engine.url.render_as_string()}
        command(told, "generate-accounts", "--uai", uai)
        pdf = Path(own) / "lettres.pdf"
        start = time.perf_counter()
        command(told, "notify", "--uai", uai, "--by", "paper", "--pdf", str(pdf), "--yes")
        took = time.perf_counter() - start
        assert pdf.read_bytes().startswith(b"%PDF")
        return took


def command(environment: Mapping[str, str], *arguments: str) -> None:
    """Run one of ours."""
    subprocess.run([sys.executable, "-m", "shared.cli", *arguments], check=True, env=environment, capture_output=True)


def one_by_one(letters: int, environment: Mapping[str, str]) -> float:
    """How long the plain way takes, in seconds."""
    plain = [sys.executable, "-c", ONE_BY_ONE, str(letters)]
    return seconds(lambda: subprocess.run(plain, check=True, env=environment, capture_output=True))


if __name__ == "__main__":
    run()
