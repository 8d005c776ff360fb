"""A school notified: letters against xhtml2pdf once for each, mails against plain smtplib on one connection."""

import base64
import multiprocessing
import smtplib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import select, update

from shared.accounts.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.accounts.sealing import Sealer
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.notifications import Mode, Notification
from shared.models.school import Guardian
from shared.notifications.campaigns import launch
from shared.notifications.letters import letters_html
from shared.notifications.listing import page_of_accounts
from shared.notifications.notices import Notice, read_notices
from shared.notifications.press import render
from shared.notifications.printing import Printer
from shared.notifications.schools import schools
from shared.notifications.selection import Criteria
from shared.notifications.sending import Postman
from tests.benchmarks.generate_accounts import GUARDIANS_PER_SCHOOL, fill_school
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.factories import make_establishment
from tests.smtp import MailServer

LETTERS_ONE_BY_ONE = 40
TURNS = 3
# What a later change will be held to: at present each mail is claimed, composed and settled by itself.
LETTERS_TARGET = Target(0.2)
MAILS_TARGET = Target(1.25)


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind in databases:
                with mail_server() as port:
                    measure(kind, databases[kind], _settings(databases[kind], Path(folder), port))
    print(f"  peak memory of the worker, without its rendering process: {peak_mebibytes():.0f} MiB")


def measure(kind: str, database: Database, settings: Settings) -> None:
    """Notify every guardian of one school, by mail then by letter."""
    establishment_id = fill(database, settings)
    _measure_list(kind, database, establishment_id)
    _measure_mails(kind, database, settings, establishment_id)
    _measure_letters(kind, database, settings, establishment_id)


def fill(database: Database, settings: Settings) -> int:
    """One school whose guardians all have accounts, and every sort of address."""
    sealer = Sealer(settings.initial_password_keys)
    with database.writing() as session:
        establishment_id = make_establishment(session).id
        fill_school(session, establishment_id)
        session.execute(
            update(Guardian).values(address_line1="3 chemin des Lilas", city="SAINT-DENIS", email="m@example.org")
        )
        generate_accounts(session, establishment_id, GUARDIANS, sealer, now=now(), today=now().date(), actor=SYSTEM)
    with database.writing() as session:
        # What the server does by itself within a minute of so many rows.
        session.connection().exec_driver_sql("ANALYZE")
    return establishment_id


def _measure_list(kind: str, database: Database, establishment_id: int) -> None:
    def page() -> None:
        with database.reading() as session:
            page_of_accounts(session, establishment_id, Criteria(), now().date())

    page()
    times = sorted(seconds(page) for _ in range(TURNS))
    print(f"first page of {GUARDIANS_PER_SCHOOL:,} accounts to notify, {kind}: {times[0] * 1000:.0f} ms")


def _launch(database: Database, establishment_id: int, mode: Mode) -> int:
    with database.writing() as session:
        campaign = launch(
            session,
            establishment_id,
            Criteria(),
            mode,
            staff_id=None,
            request_key=f"{mode.value}-{now().timestamp()}",
            now=now(),
            today=now().date(),
            actor=SYSTEM,
        )
        return campaign.id


def _measure_mails(kind: str, database: Database, settings: Settings, establishment_id: int) -> None:
    time = seconds(lambda: _launch(database, establishment_id, Mode.MAIL))
    print(f"campaign of {GUARDIANS_PER_SCHOOL:,} launched, {kind}: {time * 1000:.0f} ms")
    ours = seconds(lambda: Postman(database, settings, threading.Event()).send_due()) / GUARDIANS_PER_SCHOOL
    baseline = seconds(lambda: _send_plainly(settings)) / GUARDIANS_PER_SCHOOL
    report(f"a mail, {kind}", [ours * 1000], [baseline * 1000], "plain smtplib, one connection", MAILS_TARGET, "ms")


def _send_plainly(settings: Settings) -> None:
    assert settings.smtp_host
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port) as server:
        for number in range(GUARDIANS_PER_SCHOOL):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "a@example.org", "m@example.org", f"Objet {number}"
            message.set_content("Texte de la même longueur à peu près.\n" * 25)
            message.add_alternative("<p>Texte de la même longueur à peu près.</p>\n" * 60, subtype="html")
            server.send_message(message)


def _measure_letters(kind: str, database: Database, settings: Settings, establishment_id: int) -> None:
    campaign_id = _launch(database, establishment_id, Mode.PAPER)
    notices = _notices(database, settings, campaign_id)
    printed = seconds(lambda: Printer(database, settings, threading.Event()).print_due(campaign_id))
    ours = printed / GUARDIANS_PER_SCHOOL
    with database.reading() as session:
        letterheads = schools(session, [establishment_id])
    day = now().date()
    baseline = [
        seconds(lambda notice=notice: render(letters_html([notice], letterheads, settings, day)))  # type: ignore[misc]
        for notice in notices
    ]
    times = [time * 1000 for time in baseline[1:]]
    report(f"a letter, {kind}", [ours * 1000], times, "xhtml2pdf once for each letter", LETTERS_TARGET, "ms")


def _notices(database: Database, settings: Settings, campaign_id: int) -> list[Notice]:
    with database.reading() as session:
        ids = session.scalars(select(Notification.id).where(Notification.campaign_id == campaign_id)).all()
        found = read_notices(session, ids[:LETTERS_ONE_BY_ONE], Sealer(settings.initial_password_keys), now().date())
    return [notice for notice in found.values() if isinstance(notice, Notice)]


def _settings(database: Database, folder: Path, port: int) -> Settings:
    return Settings(
        var_dir=folder,
        database_url=database.engine.url.render_as_string(hide_password=False),
        secret_key="bench-only-key-1c0e5f7a8b2d4c6e9f0a",
        initial_password_key=base64.urlsafe_b64encode(b"0123456789abcdef0123456789abcdef").decode(),
        public_portal_url="https://portail.example.org",
        smtp_host="127.0.0.1",
        smtp_port=port,
    )


@contextmanager
def mail_server() -> Iterator[int]:
    """A mail server in a process of its own, so that it takes no time from who sends; gives its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(told: "Connection[int, int]") -> None:
    with MailServer() as server:
        told.send(server.port)
        threading.Event().wait()


if __name__ == "__main__":
    run()
