"""A school notified: letters against xhtml2pdf once for each, mails against plain smtplib on one connection."""

import base64
import multiprocessing
import secrets
import smtplib
import tempfile
import threading
from collections.abc import Iterator, Sequence
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
from shared.models.accounts import Account
from shared.models.notifications import Mode, Notification
from shared.models.school import Guardian
from shared.notifications.campaigns import launch
from shared.notifications.letter_pages import page_of, sender
from shared.notifications.letters import letter_of
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

AT_ONCE = 200
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


def _launch(database: Database, establishment_id: int, mode: Mode, accounts: Sequence[int]) -> int:
    with database.writing() as session:
        campaign = launch(
            session,
            establishment_id,
            Criteria(account_ids=frozenset(accounts)),
            mode,
            staff_id=None,
            request_key=secrets.token_hex(16),
            now=now(),
            today=now().date(),
            actor=SYSTEM,
        )
        return campaign.id


def _accounts(database: Database) -> list[Sequence[int]]:
    """As many accounts for each turn."""
    with database.reading() as session:
        ids = session.scalars(select(Account.id).order_by(Account.id)).all()
    return [ids[turn * AT_ONCE : (turn + 1) * AT_ONCE] for turn in range(TURNS)]


def _measure_mails(kind: str, database: Database, settings: Settings, establishment_id: int) -> None:
    ours, baseline = [], []
    for accounts in _accounts(database):
        _launch(database, establishment_id, Mode.MAIL, accounts)
        postman = Postman(database, settings, threading.Event())
        ours.append(seconds(postman.send_due) / AT_ONCE * 1000)
        baseline.append(seconds(lambda: _send_plainly(settings)) / AT_ONCE * 1000)
    report(f"a mail, {kind}", ours, baseline, "plain smtplib, one connection", MAILS_TARGET, "ms")


def _send_plainly(settings: Settings) -> None:
    assert settings.smtp_host
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port) as server:
        for number in range(AT_ONCE):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "a@example.org", "m@example.org", f"Objet {number}"
            message.set_content("Texte de la même longueur à peu près.\n" * 25)
            message.add_alternative("<p>Texte de la même longueur à peu près.</p>\n" * 60, subtype="html")
            server.send_message(message)


def _measure_letters(kind: str, database: Database, settings: Settings, establishment_id: int) -> None:
    ours, baseline = [], []
    for accounts in _accounts(database):
        campaign_id = _launch(database, establishment_id, Mode.PAPER, accounts)
        notices = _notices(database, settings, campaign_id)
        printer = Printer(database, settings, threading.Event())
        ours.append(seconds(lambda: printer.print_due(campaign_id)) / AT_ONCE * 1000)  # noqa: B023 - called at once
        baseline.append(seconds(lambda: _render_each(database, settings, notices)) / len(notices) * 1000)  # noqa: B023
    report(f"a letter, {kind}", ours, baseline, "xhtml2pdf once for each letter", LETTERS_TARGET, "ms")


def _render_each(database: Database, settings: Settings, notices: Sequence[Notice]) -> None:
    with database.reading() as session:
        [school] = schools(session, [notices[0].establishment_id]).values()
    sent_by = sender(school, {}, settings.public_portal_url, now().date())
    for notice in notices:
        render(page_of(letter_of(notice), sent_by))


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
