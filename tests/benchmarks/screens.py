"""Every main screen of one school: with 199 other schools in the database, against with that school alone."""

import base64
import math
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select, update

from admin_app import create_app
from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS, STUDENTS
from shared.config import Settings
from shared.database import Database, refresh_statistics
from shared.establishments.services import fill_catalogue
from shared.journal import SYSTEM
from shared.models.accounts import Account, AccountState
from shared.models.journal import JournalEvent
from shared.models.notifications import Campaign, Mode, Notification
from shared.models.school import Division, Establishment, Guardian, Guardianship, Student
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from tests.admin.browser import Browser
from tests.benchmarks.generate_accounts import GUARDIANS_PER_SCHOOL, SCHOOLS, fill, school_ids
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.factories import NOW, PASSWORD_HASH, TODAY, at_desk, make_staff

DIVISIONS, DIVISION = 20, "6A3"
ROUNDS = 40
TARGET = Target(1.5)
KEY = b"0" * 32
FILLED = (Establishment, Division, Student, Guardian, Guardianship, Account, Campaign, Notification, JournalEvent)
SCREENS = {
    "Accueil": "/",
    "Gérer le compte responsable": "/responsables/comptes/",
    "  une page plus loin": "/responsables/comptes/?apres=m|1",
    "  recherche d'un nom": "/responsables/comptes/?q=hoa",
    "  recherche d'un identifiant": "/responsables/comptes/?q=m.ho",
    "  d'une division": "/responsables/comptes/?division={division}",
    "  notifiés": "/responsables/comptes/?etat=notified",
    "Fiche": "/responsables/compte/{fiche}/",
    "Générer les comptes": "/responsables/generer/",
    "Notifier en masse": "/responsables/notifier/?vu=1&mode=both",
    "  une division, à confirmer": "/responsables/notifier/?vu=1&mode=both&division={division}&aller=confirmer",
    "Notifications": "/responsables/notifications/",
    "Gérer le compte élève": "/eleves/comptes/",
    "Doublons": "/base/doublons/",
    "Statistiques": "/statistiques/",
    "Ouverture / Fermeture": "/services/",
    "Personnels": "/personnels/",
    "Fiches à corriger": "/responsables/fiches/",
    "Journal": "/journal/",
    "  de chaque compte": "/journal/?tout=1",
}


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with ExitStack() as stack:
            folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
            alone, among = (stack.enter_context(empty_databases(folder)) for folder in folders)
            if kind in among:
                measure(kind, alone[kind], among[kind], folders[0])
    print(f"  peak memory of the process: {peak_mebibytes():.0f} MiB")


def measure(kind: str, alone: Database, among: Database, folder: Path) -> None:
    """Fill both databases, then ask them for each screen in turns."""
    schools = [work_there(alone, 1, folder), work_there(among, SCHOOLS, folder)]
    guardians = SCHOOLS * GUARDIANS_PER_SCHOOL
    for screen, path in SCREENS.items():
        times: list[list[float]] = [[], []]
        for turn in range(ROUNDS + 2):
            for (browser, fiche), taken in zip(schools, times, strict=True):
                spent = seconds(partial(open_screen, browser, path.format(fiche=fiche, division=DIVISION)))
                if turn >= 2:
                    taken.append(1000 * spent)
        small, large = (percentile(taken) for taken in times)
        report(f"{screen}, p95 at {guardians:,} guardians, {kind}", [large], [small], "alone", TARGET, unit="ms")


def open_screen(browser: Browser, path: str) -> None:
    """Ask for a page, and make sure that it is the one that was asked for."""
    response = browser.get(path)
    assert response.status_code == 200, (path, response.status_code)


def percentile(values: list[float], share: float = 0.95) -> float:
    """The value that this share of `values` does not go beyond."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def work_there(database: Database, schools: int, folder: Path) -> tuple[Browser, int]:
    """The head of the school in the middle, logged in; and one of its guardians."""
    start = time.perf_counter()
    fill(database, schools)
    live_in(database)
    ids = school_ids(database)
    chosen = ids[len(ids) // 2]
    with database.writing() as session:
        make_staff(session, "chef", session.get_one(Establishment, chosen))
        fiche = session.scalars(select(func.min(Guardian.id)).where(Guardian.establishment_id == chosen)).one()
    browser = Browser(application(database, folder))
    browser.log_in("chef")
    print(f"  {schools} schools filled in {time.perf_counter() - start:.0f} s", flush=True)
    return browser, fiche


def application(database: Database, folder: Path) -> Flask:
    """The back office of this database."""
    return create_app(settings_in(folder), database)


def settings_in(folder: Path, **others: Any) -> Settings:
    """Those of an installation whose files are there."""
    return Settings(
        var_dir=folder,
        secret_key="zT9-bench-only-key-1c0e5f7a8b2d4c6e",
        initial_password_key=base64.urlsafe_b64encode(KEY).decode(),
        **others,
    )


def live_in(database: Database) -> None:
    """Divisions and e-mail addresses, and then all that `put_to_use` does."""
    look_again(database)
    for establishment_id in school_ids(database):
        with database.writing() as session:
            give_divisions(session, establishment_id)
    put_to_use(database)


def put_to_use(database: Database) -> None:
    """Accounts of everybody, one campaign a school; a quarter of the accounts in use, a quarter notified."""
    sealer, made = Sealer([KEY]), {"now": NOW, "today": TODAY, "actor": SYSTEM}
    # As after an import: the database knows how much there is before it is asked.
    look_again(database)
    for establishment_id in school_ids(database):
        with database.writing() as session:
            for population in (GUARDIANS, STUDENTS):
                generate_accounts(at_desk(session, establishment_id, **made), population, sealer)
    look_again(database)
    for establishment_id in school_ids(database):
        with database.writing() as session:
            key = f"n{establishment_id}"
            launch(at_desk(session, establishment_id, **made), Criteria(), Mode.BOTH, request_key=key)
    with database.writing() as session:
        fill_catalogue(session)
        used = {"state": AccountState.ACTIVE, "expires_on": None, "initial_password": None}
        used |= {"password_hash": PASSWORD_HASH, "email": "famille@exemple.fr"}
        session.execute(update(Account).where(Account.id % 4 == 0).values(used))
        notified = {"state": AccountState.NOTIFIED, "notified_at": NOW}
        session.execute(update(Account).where(Account.id % 4 == 1).values(notified))
    look_again(database)


def look_again(database: Database) -> None:
    """Let the database count its rows."""
    with database.writing() as session:
        refresh_statistics(session, *FILLED)


def give_divisions(session, establishment_id: int) -> None:
    """Twenty classes, and an address to every other guardian."""
    codes = [{"establishment_id": establishment_id, "code": f"6A{number}"} for number in range(DIVISIONS)]
    ids = session.scalars(insert(Division).returning(Division.id), codes).all()
    students = update(Student).where(Student.establishment_id == establishment_id)
    session.execute(students.values(division_id=min(ids) + Student.id % DIVISIONS))
    guardians = update(Guardian).where(Guardian.establishment_id == establishment_id, Guardian.id % 2 == 0)
    session.execute(guardians.values(email="famille@exemple.fr"))


if __name__ == "__main__":
    run()
