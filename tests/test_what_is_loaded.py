"""What each process loads, counted in modules: memory and time at the start follow, whatever the machine."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest

from shared.cli import teleservices
from shared.cli.program import COMMANDS
from shared.config import Settings
from shared.private_files import QUEUE_FILE

OF_THE_WORKER = {
    *("flufl", "imaplib", "lxml", "numpy", "phonenumbers", "pikepdf", "PIL", "rapidfuzz", "reportlab", "xhtml2pdf")
}
"""What reads files, compares fiches, makes letters and sends messages."""
OF_SOME_COMMANDS = {"alembic", "faker", "honcho", "xlsxwriter", "zxcvbn"}
OF_THE_QUEUE = {"huey", "redis"}
FIRST_PAGE = "import wsgi; print(wsgi.{0}.test_client().get('/').status_code)"
COMMAND = "from shared.cli import main; import sys; sys.argv[1:] = {0!r}; main()"


def loaded(code: str, settings: Settings, database_url: str) -> set[str]:
    """The names of all that a new process has loaded once it has run `code`."""
    listing = (
        "import atexit, json, sys; atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": database_url,
        "SECRET_KEY": settings.secret_key or "",
        "INITIAL_PASSWORD_KEY": settings.initial_password_key or "",
    }
    done = subprocess.run(
        [sys.executable, "-c", f"{listing}\n{code}"],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        cwd=Path(__file__).parent.parent,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def packages(modules: set[str]) -> set[str]:
    """The first part of each name."""
    return {name.partition(".")[0] for name in modules}


def test_help_loads_click_and_a_list(settings: Settings, database_url: str) -> None:
    helping = loaded(COMMAND.format(["--help"]), settings, database_url)
    own = {name for name in helping if name.partition(".")[0] == "shared"}
    assert own == {
        "shared",
        "shared.cli",
        "shared.cli.program",
        "shared.cli.refusing",
        "shared.logs.discretion",
        "shared.logs",
        "shared.logs.configuration",
        "shared.logs.tracing",
        "shared.private_files",
        "shared.refusals",
    }
    bare = loaded("import click", settings, database_url)
    # What printing asks for, and no more.
    assert len(helping - bare - own) < 60


@pytest.mark.parametrize("name", COMMANDS)
def test_help_lists_each_command_in_its_own_words(name: str) -> None:
    with click.Context(teleservices) as context:
        command = teleservices.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").splitlines()[0] == COMMANDS[name].summary
    assert not command.hidden


@pytest.mark.parametrize("arguments", [["accounts", "--uai", "9740001H"], ["duplicates", "--uai", "9740001H"]])
def test_lists_load_tables_and_words(
    arguments: list[str], settings: Settings, database_url: str, database: object
) -> None:
    code = f"try:\n    {COMMAND.format([*arguments, '--json'])}\nexcept SystemExit: pass"
    found = packages(loaded(code, settings, database_url))
    assert "sqlalchemy" in found
    # Accounts are searched with slips of the keyboard: RapidFuzz alone compares them.
    others = OF_THE_WORKER - {"rapidfuzz"}
    assert not found & (others | OF_SOME_COMMANDS | OF_THE_QUEUE | {"flask"})


def test_a_page_of_the_portal_loads_nothing_of_the_work(
    settings: Settings, database_url: str, database: object
) -> None:
    modules = loaded(FIRST_PAGE.format("portal"), settings, database_url)
    assert not packages(modules) & (OF_THE_WORKER | OF_SOME_COMMANDS | OF_THE_QUEUE | {"flask_admin", "admin_app"})
    assert not {name for name in modules if name.startswith(("shared.siecle", "shared.duplicates", "shared.cli"))}


def test_a_page_of_the_back_office_loads_no_work(settings: Settings, database_url: str, database: object) -> None:
    modules = loaded(FIRST_PAGE.format("admin"), settings, database_url)
    # Flask-Admin loads Pillow, accounts are searched by RapidFuzz; what letters measure is a part of ReportLab.
    of_the_work = OF_THE_WORKER - {"PIL", "rapidfuzz", "reportlab"}
    assert not packages(modules) & (of_the_work | OF_SOME_COMMANDS | OF_THE_QUEUE | {"parent_portal"})
    # What asks providers, or a telephone for a passkey, is loaded where somebody comes by them.
    assert not packages(modules) & {"cas", "requests", "webauthn"}
    assert "authlib.integrations" not in modules
    assert "shared.worker.tasks" not in modules


def test_what_a_command_loads_is_never_gone_through_for_garbage(settings: Settings, database_url: str) -> None:
    """Nor at the end of the process, which took a third of a second."""
    loaded(
        "import gc\n"
        "gone_through = []\n"
        "gc.callbacks.append(lambda phase, of: gone_through.append(of['generation']))\n"
        f"try:\n    {COMMAND.format(['notify', '--help'])}\nexcept SystemExit: pass\n"
        "assert gone_through.count(2) == 0, gone_through.count(2)\n"
        "assert gc.isenabled()\n"
        "assert gc.get_freeze_count() > 50_000, gc.get_freeze_count()\n",
        settings,
        database_url,
    )


def test_what_lays_out_letters_is_loaded_first_and_never_gone_through(settings: Settings, database_url: str) -> None:
    code = "import gc\nfrom shared import apart\nfor one in apart.LETTERS: __import__(one)\n"
    modules = loaded(f"{code}assert gc.get_freeze_count() > 50_000\nassert gc.isenabled()", settings, database_url)
    assert {
        "shared.notifications.letters.renderer",
        "shared.notifications.letters.typesetting.layout",
        "shared.notifications.coupons.drawing",
    } <= modules


def test_a_command_that_rang_leaves_one_file_of_the_queue(settings: Settings, database_url: str) -> None:
    ring = "from shared.worker.bells import ring_campaign; from shared.config import load_settings"
    # As a command reads it.
    kept = f"from shared.loading.lasting import lasting\nwith lasting():\n    {ring}\n"
    loaded(f"{kept}ring_campaign(load_settings())", settings, database_url)
    files = {path.name for path in settings.var_dir.glob(f"{QUEUE_FILE}*")}
    assert files == {QUEUE_FILE}
    with sqlite3.connect(settings.var_dir / QUEUE_FILE) as queue:
        assert queue.execute("SELECT count(*) FROM task").fetchone()[0] > 0


@pytest.mark.parametrize("name", ["admin", "portal"])
def test_what_an_application_loads_is_never_gone_through_for_garbage(
    name: str, settings: Settings, database_url: str, database: object
) -> None:
    """Neither while it is loaded, which took a third of the start, nor within somebody's request."""
    loaded(
        "import gc\n"
        "gone_through = []\n"
        "gc.callbacks.append(lambda phase, of: gone_through.append(of['generation']))\n"
        f"import wsgi; wsgi.{name}\n"
        "assert gone_through.count(2) == 0, gone_through.count(2)\n"
        "assert gc.isenabled()\n"
        "assert gc.get_freeze_count() > 100_000, gc.get_freeze_count()\n",
        settings,
        database_url,
    )
