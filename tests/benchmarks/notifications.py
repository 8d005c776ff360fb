"""A school notified: mails against plain smtplib on one connection, and two workers against one.

The mail server is a process of its own, and takes time from the same two cores. So two workers are measured where a
second one is of use: with a server that takes its time for each message, and with letters, which take only processor.
Against a server that answers at once, both wait for it, and it is the server that would be measured. All of it needs a
machine that does nothing else.
"""

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
from multiprocessing.synchronize import Barrier
from pathlib import Path

from sqlalchemy import select, update

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account
from shared.models.notifications import Mode
from shared.models.school import Guardian
from shared.notifications.campaigns.account_list import page_to_notify
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.letters.renderer import Press
from shared.notifications.letters.worker import Printer
from shared.notifications.mail.worker import Postman
from tests.benchmarks.generate_accounts import fill_school
from tests.benchmarks.measuring import Target, empty_databases, peak_mebibytes, report, seconds
from tests.factories import at_desk, make_establishment
from tests.smtp import MailServer

AT_ONCE = 200
FOR_WORKERS = 400
FAMILIES = 1_600
"""Of a large school, a letter each: four lots for each of two workers."""
SECONDS_TO_ACCEPT = 0.02
"""What a mail server that looks for spam takes for each message."""
TURNS = 3
MAILS_TARGET = Target(1.25)
WORKERS_TARGET = Target(1.7, at_most=False)


def run() -> None:
    """Print the figures of both databases."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind in databases:
                with mail_server() as port:
                    measure(kind, databases[kind], _settings(databases[kind], Path(folder), port))
    print(f"  peak memory: {peak_mebibytes():.0f} MiB")


def measure(kind: str, database: Database, settings: Settings) -> None:
    """Notify every guardian of one school by mail."""
    establishment_id = fill(database, settings)
    _measure_list(kind, database, establishment_id)
    _measure_mails(kind, database, settings, establishment_id)
    _measure_two_workers(kind, database, settings, establishment_id)


def fill(database: Database, settings: Settings) -> int:
    """One school whose guardians all have accounts, and every sort of address."""
    sealer = Sealer(settings.initial_password_keys)
    with database.writing() as session:
        establishment_id = make_establishment(session).id
        fill_school(session, establishment_id, FAMILIES)
        session.execute(
            update(Guardian).values(address_line1="3 chemin des Lilas", city="SAINT-DENIS", email="m@example.org")
        )
        generate_accounts(at_desk(session, establishment_id, now=now()), GUARDIANS, sealer)
    with database.writing() as session:
        # What the server does by itself within a minute of so many rows.
        session.connection().exec_driver_sql("ANALYZE")
    return establishment_id


def _measure_list(kind: str, database: Database, establishment_id: int) -> None:
    def page() -> None:
        with database.reading() as session:
            page_to_notify(session, establishment_id, Criteria(), now().date())

    page()
    times = sorted(seconds(page) for _ in range(TURNS))
    print(f"first page of {FAMILIES:,} accounts to notify, {kind}: {times[0] * 1000:.0f} ms")


def _launch(database: Database, establishment_id: int, mode: Mode, accounts: Sequence[int]) -> int:
    with database.writing() as session:
        campaign = launch(
            at_desk(session, establishment_id, now=now()),
            Criteria(account_ids=frozenset(accounts)),
            mode,
            request_key=secrets.token_hex(16),
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


def _measure_two_workers(kind: str, database: Database, settings: Settings, establishment_id: int) -> None:
    with database.reading() as session:
        everybody = session.scalars(select(Account.id).order_by(Account.id)).all()
    with mail_server(SECONDS_TO_ACCEPT) as port:
        slow = settings.model_copy(update={"smtp_port": port})
        mails = _rates(database, slow, establishment_id, Mode.MAIL, everybody[:FOR_WORKERS])
    served = f"two workers and a server of {SECONDS_TO_ACCEPT * 1000:.0f} ms a mail, {kind}"
    report(served, mails[2], mails[1], "one worker", WORKERS_TARGET, "mails/s")
    letters = _rates(database, settings, establishment_id, Mode.PAPER, everybody)
    report(f"two workers, {kind}", letters[2], letters[1], "one worker", WORKERS_TARGET, "letters/s")


def _rates(
    database: Database, settings: Settings, establishment_id: int, mode: Mode, accounts: Sequence[int]
) -> dict[int, list[float]]:
    """Notifications a second, of one worker and of two, in turns."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(TURNS):
        for workers, measured in rates.items():
            _launch(database, establishment_id, mode, accounts)
            measured.append(len(accounts) / _seconds_of(workers, settings))
    return rates


def _seconds_of(workers: int, settings: Settings) -> float:
    """How long this many worker processes take for all that is due, from when all are ready until all are done."""
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(workers + 1)
    processes = [spawn.Process(target=_work, args=(settings, together)) for _ in range(workers)]
    for process in processes:
        process.start()
    together.wait()
    taken = seconds(together.wait)
    for process in processes:
        process.join()
    return taken


def _work(settings: Settings, together: Barrier) -> None:
    database = Database(settings.database)
    postman = Postman(database, settings, threading.Event())
    printer = Printer(database, settings, threading.Event())
    with database.reading() as session:
        session.scalar(select(Account.id).limit(1))
    with Press() as press:
        # A worker that has printed before forks its presses from a process that knows the renderer.
        press.print("<p>Prête</p>")
    together.wait()
    postman.send_due()
    printer.print_due()
    together.wait()


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
def mail_server(seconds_to_accept: float = 0.0) -> Iterator[int]:
    """A mail server in a process of its own, so that it takes no time from who sends; gives its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, seconds_to_accept), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(told: "Connection[int, int]", seconds_to_accept: float) -> None:
    with MailServer() as server:
        server.mailbox.seconds_to_accept = seconds_to_accept
        # A server that keeps everything slows down as the benchmark goes on.
        server.mailbox.answer_recipient = lambda _: server.mailbox.messages.clear()
        told.send(server.port)
        threading.Event().wait()


if __name__ == "__main__":
    run()
