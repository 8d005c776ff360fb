"""A login through a door, all that we do of it, beside a login by the page: shown, then sent with a password.

The provider answers in threads of its own, whose work is not ours, and so is the digest of the password where it is
made: the time of this thread is counted. The door has read the metadata and keys of the provider, as in any login but
the first of an hour.
"""

import base64
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from admin_app import create_app
from shared import clock, schema
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.sign_on.providers import Description
from tests.admin.browser import Browser, sent_to
from tests.admin.sign_on_door import BACK, HEAD, UAI
from tests.admin.test_sign_on_cas import CasDoor
from tests.benchmarks.measuring import Target, report
from tests.factories import make_establishment, make_staff
from tests.sign_on.cas_server import answering as cas_answering
from tests.sign_on.provider import CLIENT, SECRET, Provider, answering

LOGINS = 15
AT_MOST = Target(3)


def run() -> None:
    """Print both ratios of each door."""
    with tempfile.TemporaryDirectory() as name, answering() as oidc, cas_answering() as cas:
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        settings = Settings(var_dir=Path(name), secret_key=secrets.token_urlsafe(32), initial_password_key=key)
        database = Database(f"sqlite:///{Path(name) / 'door.db'}")
        schema.upgrade(database.engine)
        oidc.userinfo, cas.attributes = HEAD, {name: value for name, value in HEAD.items() if name != "sub"}
        wanted = (
            Description(ProviderKind.OIDC, "OpenID Connect", oidc.issuer, CLIENT, SECRET),
            Description(ProviderKind.CAS, "CAS", cas.address),
        )
        numbers = _open(database, wanted, Sealer(settings.initial_password_keys))
        app = create_app(settings, database)
        doors = {
            "OpenID Connect": lambda browser: _by_openid(browser, numbers[0], oidc),
            "CAS": lambda browser: _by_cas(browser, CasDoor(app, numbers[1], cas)),
        }
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")
        fresh = iter(range(1_000_000))

        def timed(work: Callable[[Browser], object]) -> float:
            number = next(fresh)
            browser = Browser(app, f"198.51.{number // 200}.{number % 200}")
            began = time.thread_time()
            work(browser)
            return time.thread_time() - began

        for label, door in doors.items():
            timed(door)
            rounds = [(timed(door), timed(_by_page), timed(_page)) for _ in range(LOGINS)]
            ours, typed, shown = (list(one) for one in zip(*rounds, strict=True))
            report(f"{label}, a login", ours, typed, "by the page", AT_MOST)
            print(f"  the page shown, alone: {median(shown):.3g} s")


def _open(database: Database, wanted: tuple[Description, ...], sealer: Sealer) -> list[int]:
    with database.writing() as session:
        make_staff(session, "elise", make_establishment(session, UAI))
        rows = [
            IdentityProvider(**one.as_values(sealer), is_open=True, position=place, created_at=clock.now())
            for place, one in enumerate(wanted, 1)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def _page(browser: Browser) -> None:
    assert browser.get("/connexion/").status_code == 200


def _by_page(browser: Browser) -> None:
    assert browser.log_in("elise").status_code == 303


def _by_openid(browser: Browser, number: int, provider: Provider) -> None:
    address = sent_to(browser.post(f"/connexion/par/{number}", on="/connexion/"))
    assert browser.get(BACK, **provider.answer(address)).status_code == 303


def _by_cas(browser: Browser, door: CasDoor) -> None:
    assert browser.get(BACK, **door.server.log_in(door.leave(browser))).status_code == 303
