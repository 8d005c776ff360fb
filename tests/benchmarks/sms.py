"""SMS of a school against the bare driver on one connection: the same messages, to the same gateway, in turns.

The bare driver hands messages over as the driver is set, and keeps nothing. Ours claims lots, writes each text and its
code, notes each message before and after, and settles. The gateways are processes of their own, and answer at once, as
none on the internet does: what ours does beside waiting weighs the most here. By SMPP the same again over a line of
50 ms, there and back, beside the bare driver without that line and with one message in hand: what a line costs an
installation that waits for each answer is what `SMS_SMPP_WINDOW` spares.
"""

import base64
import json
import multiprocessing
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.accounts.credentials.sealing import Sealer
from shared.accounts.directory.generation import generate_accounts
from shared.accounts.populations import GUARDIANS
from shared.clock import now
from shared.config import Settings
from shared.database import Database
from shared.models.accounts import Account
from shared.models.notifications import Mode
from shared.models.school import Guardian
from shared.models.sending.sms import SmsMessage
from shared.notifications.campaigns.launching import launch
from shared.notifications.campaigns.selection import Criteria
from shared.notifications.channels.registry import offer_of
from shared.notifications.sms.gateway import Sms, connected
from shared.notifications.sms.worker import SmsCarrier
from tests.benchmarks.generate_accounts import fill_school
from tests.benchmarks.measuring import Target, empty_databases, report, seconds
from tests.delaying import delayed
from tests.factories import at_desk, make_establishment
from tests.ports import free_port

AT_ONCE, TURNS = 200, 3
WINDOWS = (1, 10)
LATENCY = 0.05
"""Seconds, there and back: a gateway on the continent, seen from Réunion by a good line, is three times as far."""
TARGET = Target(1.25)
"""At least 0.8 of the rate of the bare driver."""
NODE = Path(__file__).parents[1] / "notifications" / "sms" / "node"
USER, PASSWORD = "school", "secret"
TEXT = "Collège des Filaos : activez votre compte m.payet sur https://portail.example.org/code avec le code k7mqx-2hd9w"


def run() -> None:
    """Print the figures of both databases, for each kind of gateway."""
    for kind in ("SQLite", "PostgreSQL"):
        with tempfile.TemporaryDirectory() as folder, empty_databases(Path(folder)) as databases:
            if kind not in databases:
                continue
            establishment_id = fill(databases[kind])
            with http_gateway() as address:
                by_http = {"sms_driver": "http", "sms_http_url": f"{address}/jobs", "sms_token": "a token"}
                measure(f"HTTP, {kind}", databases[kind], _settings(Path(folder), by_http), establishment_id)
            with smpp_gateway() as port:
                if port is None:
                    print("no smpp on this machine (npm ci in tests/notifications/sms/node)")
                    continue
                _by_smpp(kind, databases[kind], Path(folder), port, establishment_id)


def _by_smpp(kind: str, database: Database, folder: Path, port: int, establishment_id: int) -> None:
    bind = {"sms_smpp_user": USER, "sms_smpp_password": PASSWORD, "sms_smpp_tls": "none"}

    def through(port: int, window: int) -> Settings:
        where = {"sms_smpp_host": "127.0.0.1", "sms_smpp_port": port, "sms_smpp_window": window}
        return _settings(folder, {"sms_driver": "smpp", **where, **bind})

    for window in WINDOWS:
        measure(f"SMPP, {window} in hand, {kind}", database, through(port, window), establishment_id)
    with delayed(port, LATENCY) as far:
        for window in WINDOWS:
            what = f"SMPP, {window} in hand, {LATENCY * 1000:.0f} ms away, {kind}"
            measure(what, database, through(far, window), establishment_id)


def fill(database: Database) -> int:
    """One school whose guardians all have accounts and a telephone of their own."""
    sealer = Sealer([secrets.token_bytes(32)])
    with database.writing() as session:
        establishment_id = make_establishment(session).id
        fill_school(session, establishment_id, 2 * AT_ONCE * TURNS)
        for guardian_id in session.scalars(select(Guardian.id)).all():
            # The last figure says what the gateway of the tests does: with 0, it takes the message.
            phone = {"mobile_phone": f"0692{guardian_id % 100_000:05}0", "accepts_sms": True}
            session.execute(update(Guardian).where(Guardian.id == guardian_id).values(**phone))
        generate_accounts(at_desk(session, establishment_id, now=now()), GUARDIANS, sealer)
    with database.writing() as session:
        session.connection().exec_driver_sql("ANALYZE")
    return establishment_id


def measure(what: str, database: Database, settings: Settings, establishment_id: int) -> None:
    """Ours and the bare driver, in turns."""
    ours, baseline = [], []
    for turn in range(TURNS):
        numbers = _launch(database, settings, establishment_id, turn)
        _ask_for_no_receipt(database)
        ours.append(seconds(SmsCarrier(database, settings, Event()).send_due))
        baseline.append(seconds(lambda: _bare(settings, numbers)))  # noqa: B023 - called at once
    report(f"{AT_ONCE} SMS by {what}", ours, baseline, "the bare driver", TARGET)


def _launch(database: Database, settings: Settings, establishment_id: int, turn: int) -> Sequence[str]:
    with database.writing() as session:
        accounts = _accounts(session, turn)
        criteria, key = Criteria(account_ids=frozenset(accounts)), secrets.token_hex(16)
        desk = at_desk(session, establishment_id, now=now())
        launch(desk, criteria, Mode.SMS, request_key=key, offer=offer_of(settings))
    return [f"+26269200{number:04}0" for number in range(AT_ONCE)]


def _ask_for_no_receipt(database: Database) -> None:
    """Of earlier turns: the bare driver asks for none."""
    with database.writing() as session:
        session.execute(update(SmsMessage).values(next_poll_at=None))


def _accounts(session: Session, turn: int) -> Sequence[int]:
    return session.scalars(select(Account.id).order_by(Account.id).offset(turn * AT_ONCE).limit(AT_ONCE)).all()


def _bare(settings: Settings, numbers: Sequence[str]) -> None:
    with connected(settings) as gateway:
        for start in range(0, len(numbers), gateway.at_once):
            gateway.send([Sms(number, TEXT) for number in numbers[start : start + gateway.at_once]])


def _settings(folder: Path, gateway: dict[str, object]) -> Settings:
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return Settings(
        var_dir=folder,
        secret_key=secrets.token_urlsafe(32),
        initial_password_key=key,
        public_portal_url="https://portail.example.org",
        sms_sender="COLLEGE",
        sms_price=Decimal("0.065"),
        **gateway,
    )


@contextmanager
def http_gateway() -> Iterator[str]:
    """The address of a gateway in a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(told: Connection) -> None:
    from tests.sms import HttpGatewayServer

    with HttpGatewayServer() as server:
        told.send(server.address)
        Event().wait()


@contextmanager
def smpp_gateway() -> Iterator[int | None]:
    """The port of an SMPP server that others wrote; none where it is not installed."""
    node, port = shutil.which("node"), free_port()
    if node is None or not (NODE / "node_modules" / "smpp").is_dir():
        yield None
        return
    command = [node, "gateway.mjs", str(port), USER, PASSWORD]
    with subprocess.Popen(command, cwd=NODE, stdout=subprocess.PIPE, text=True) as process:
        assert json.loads((process.stdout or iter(())).readline())["listening"]  # type: ignore[union-attr]
        reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield port
        finally:
            process.kill()
            reader.wait()


if __name__ == "__main__":
    run()
