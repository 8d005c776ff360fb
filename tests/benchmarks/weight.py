"""What each process costs before it does anything: time to start and memory, beside bare processes in the same run.

All of them find their bytecode written, as after an installation.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from shared import clock
from shared.establishments.services import fill_catalogue
from tests.benchmarks.measuring import Target, empty_databases, report
from tests.benchmarks.portal_login import SECRETS
from tests.factories import (
    PASSWORD,
    make_account,
    make_establishment,
    make_guardian,
    make_staff,
    make_student,
)

ROUNDS = 7
PAGES = 1_000
UAI, PARENT, HEAD = "9740001H", "m.payet", "chef"
HELP, HELP_MEBIBYTES = Target(2), 40
COMMANDS = Target(4)
FIRST_PAGE = Target(2)
PORTAL, BACK_OFFICE = Target(1.6), Target(2)

COMMAND = "import sys; from shared.cli import main; sys.argv[1:] = {0!r}; main()"
PORTAL_STARTS = "import wsgi; assert wsgi.portal.test_client().get('/connexion').status_code == 200"
FLASK_SECURITY_STARTS = """
from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy
app = Flask("bare")
app.config |= {"SECRET_KEY": "k" * 32, "SECURITY_PASSWORD_SALT": "s" * 32, "SECURITY_PASSWORD_HASH": "argon2",
               "SQLALCHEMY_DATABASE_URI": "sqlite://"}
db = SQLAlchemy(app)
fsqla_v3.FsModels.set_db_info(db)
class Role(db.Model, fsqla_v3.FsRoleMixin): pass
class User(db.Model, fsqla_v3.FsUserMixin): pass
Security(app, SQLAlchemyUserDatastore(db, User, Role))
with app.app_context(): db.create_all()
assert app.test_client().get("/login").status_code == 200
"""
SAY_MEMORY = """
status = open("/proc/self/status").read().splitlines()
print(next(line for line in status if line.startswith("VmRSS")).split()[1])
"""
BARE_PAGES = f"""
import argon2, flask_babel, flask_login, flask_wtf, sqlalchemy.orm, webauthn
from flask import Flask, render_template_string
app = Flask("bare")
app.secret_key = "k" * 32
flask_login.LoginManager(app).user_loader(lambda _token: None)
flask_babel.Babel(app), flask_wtf.CSRFProtect(app)
engine = sqlalchemy.create_engine("sqlite://")
argon2.PasswordHasher().hash("{PASSWORD}")
@app.get("/")
def page():
    with sqlalchemy.orm.Session(engine) as session:
        return render_template_string("<p>{{{{ one }}}}</p>", one=session.scalar(sqlalchemy.text("SELECT 1")))
browser = app.test_client()
for _ in range({PAGES}): assert browser.get("/").status_code == 200
{SAY_MEMORY}
"""
OUR_PAGES = f"""
import html, re, sys, wsgi
application, form, field, name, home = sys.argv[1:]
browser = getattr(wsgi, application).test_client()
token = html.unescape(re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(form).text)[1])
answer = browser.post(form, data={{field: name, "password": "{PASSWORD}", "csrf_token": token}})
assert answer.status_code in (302, 303), answer.status_code
for _ in range({PAGES}): assert browser.get(home).status_code == 200
{SAY_MEMORY}
"""


def run() -> None:
    """Print every figure; on SQLite, since what a database takes is its own."""
    with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
        database = databases["SQLite"]
        with database.writing() as session:
            fill_catalogue(session)
            school = make_establishment(session, UAI)
            make_account(session, PARENT, make_guardian(session, school, make_student(session, school)))
            make_staff(session, HEAD, school)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            **SECRETS,
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "bytecode"),
            "DATABASE_URL": database.engine.url.render_as_string(),
            "VAR_DIR": folder,
        }
        commands(environment)
        starts(environment)
        memory(environment)


def commands(environment: Mapping[str, str]) -> None:
    """The command line, beside what it cannot do without."""
    helping, click = side_by_side(environment, COMMAND.format(["--help"]), "import click")
    report("teleservices --help", helping, click, "import click", HELP)
    peak = memory_of(environment, f"try:\n    {COMMAND.format(['--help'])}\nexcept SystemExit: pass\n{SAY_MEMORY}")
    verdict = "met" if peak < HELP_MEBIBYTES else "NOT MET"
    print(f"  memory: {peak:.0f} MiB, under {HELP_MEBIBYTES} wanted: {verdict}")
    for name in ("accounts", "duplicates"):
        ours, orm = side_by_side(environment, COMMAND.format([name, "--uai", UAI, "--json"]), "import sqlalchemy.orm")
        report(f"teleservices {name}", ours, orm, "import sqlalchemy.orm", COMMANDS)


def starts(environment: Mapping[str, str]) -> None:
    """The portal until its first page."""
    if find_spec("flask_security") is None:
        print("no Flask-Security here, the start of the portal is not compared with it")
        return
    ours, theirs = side_by_side(environment, PORTAL_STARTS, FLASK_SECURITY_STARTS)
    report("start of the portal until its first page", ours, theirs, "a Flask-Security application", FIRST_PAGE)


def memory(environment: Mapping[str, str]) -> None:
    """One process of each application, after many pages of somebody logged in."""
    bare = memory_of(environment, BARE_PAGES)
    for what, target, arguments in (
        ("portal", PORTAL, ("portal", "/connexion", "identifier", PARENT, "/")),
        ("back office", BACK_OFFICE, ("admin", "/connexion/", "login", HEAD, "/")),
    ):
        ours = memory_of(environment, OUR_PAGES, *arguments)
        named = "a bare Flask application with the same parts"
        report(f"memory of the {what} after {PAGES:,} pages", [ours], [bare], named, target, unit="MiB")


def side_by_side(environment: Mapping[str, str], ours: str, baseline: str) -> tuple[list[float], list[float]]:
    """How long each takes in a new process, in seconds, in turns; the first turn, which writes bytecode, left out."""
    times = [[took(environment, code) for code in (ours, baseline)] for _ in range(ROUNDS + 1)][1:]
    return [each[0] for each in times], [each[1] for each in times]


def took(environment: Mapping[str, str], code: str) -> float:
    """How long a new process takes to run `code`, in seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment)
    return time.perf_counter() - start


def memory_of(environment: Mapping[str, str], code: str, *arguments: str) -> float:
    """What a process has in memory, in MiB, when it comes to the end of `code`, which says so last."""
    found = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True, env=environment
        )
        found.append(int(done.stdout.splitlines()[-1]) / 1024)
    return median(found)


if __name__ == "__main__":
    started = clock.now()
    run()
    print(f"in {(clock.now() - started).total_seconds():.0f} s")
