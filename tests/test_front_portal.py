"""docs/nginx-portail.conf, run by a real nginx, before the two real listeners: who may say who somebody is (R34)."""

import contextlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.config import Settings
from shared.database import Database
from shared.establishments.codes.uai import uai_of
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.sign_on.providers import Description
from tests.benchmarks.portal_login import wait_for
from tests.conftest import skip_or_fail
from tests.factories import make_establishment
from tests.ports import free_port

CONFIGURATION = Path(__file__).parent.parent / "docs" / "nginx-portail.conf"
SECRET = "qX7-test-only-secret-of-the-portal-5e2d"
UAI = uai_of(9740001)
CHARGE = f"{UAI}$UAJ$PU$N$T3$CLG$340"
SAID = {"ct-remote-user": "elise", "FrEduRneResp": CHARGE, "FrEduFonctAdm": "DIR"}

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


class _Authority(BaseHTTPRequestHandler):
    """Stands for the handler of the portal: whoever asks is `elise`, who directs nothing unless it says so."""

    says: dict[str, str]

    def log_message(self, *_: object) -> None:
        """Tests read no log of it."""

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in self.says.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


@dataclass
class Site:
    """The relay, and the listener behind it that only it should reach."""

    relay: int
    front: int
    says: dict[str, str]
    provider_id: int

    def way(self) -> tuple[str, str]:
        """Press the button of the login page, and say where it leads and with which cookie."""
        page = self.ask(self.relay, "GET", "/connexion/")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token is not None
        form = f"csrf_token={token[1]}"
        sent = self.ask(self.relay, "POST", f"/connexion/par/{self.provider_id}", form, page.cookie)
        address = re.search(r'content="0; url=http://[^/]+(/[^"]+)"', sent.text)
        assert address is not None, sent.text
        return address[1], sent.cookie

    def ask(self, port: int, method: str, path: str, form: str = "", cookie: str = "", *more: tuple[str, str]):  # type: ignore[no-untyped-def]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.putrequest(method, path)
        kind = ("Content-Type", "application/x-www-form-urlencoded")
        for name, value in (kind, ("Content-Length", str(len(form))), ("Cookie", cookie), *more):
            connection.putheader(name, value)
        connection.endheaders(form.encode())
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        answer.cookie = (answer.headers.get("Set-Cookie") or "").partition(";")[0]  # type: ignore[attr-defined]
        return answer


@pytest.fixture
def site(settings: Settings, database: Database, sealer: Sealer, tmp_path: Path) -> Iterator[Site]:
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        skip_or_fail("no nginx (apt install nginx-light)")
    wanted = Description(ProviderKind.HEADERS, "le portail", "https://portail.example.org/quitter")
    with database.writing() as session:
        make_establishment(session, UAI)
        row = IdentityProvider(**wanted.as_values(sealer), is_open=True, position=1, created_at=clock.now())
        session.add(row)
        session.flush()
        number = row.id
    relay, front, ordinary = free_port(), free_port(), free_port()
    handler = type("Authority", (_Authority,), {"says": dict(SAID)})
    authority = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    environment = {
        **os.environ,
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": str(settings.database_url),
        "SECRET_KEY": str(settings.secret_key),
        "INITIAL_PASSWORD_KEY": str(settings.initial_password_key),
        "PUBLIC_ADMIN_URL": f"http://127.0.0.1:{relay}",
        "FRONT_SECRET": SECRET,
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "1",
    }
    serve = [sys.executable, "-m", "gunicorn", "-c"]
    commands = (
        [*serve, "python:shared.web.gunicorn.admin", "--bind", f"127.0.0.1:{ordinary}"],
        [*serve, "python:shared.web.gunicorn.front", "--bind", f"127.0.0.1:{front}"],
        [nginx, "-c", str(written(tmp_path, relay, front, ordinary, authority.server_port))],
    )
    with contextlib.ExitStack() as running:
        threading.Thread(target=authority.serve_forever, daemon=True).start()
        running.callback(authority.server_close)
        running.callback(authority.shutdown)
        for each in commands:
            process = running.enter_context(subprocess.Popen(each, env=environment))
            running.callback(process.terminate)
        for port in (ordinary, front, relay):
            wait_for(port)
        yield Site(relay, front, handler.says, number)


def written(folder: Path, relay: int, front: int, ordinary: int, authority: int) -> Path:
    """The settings that the page shows, with ports and files of the test."""
    (folder / "secret.conf").write_text(f'proxy_set_header X-Teleservices-Secret "{SECRET}";\n')
    text = CONFIGURATION.read_text("utf-8")
    # The handler speaks FastCGI; what stands for it here speaks HTTP.
    inside = text.partition("location = /lmauth {")[2].partition("}")[0]
    text = text.replace(inside, f"\n    internal;\n    proxy_pass http://127.0.0.1:{authority}/;\n")
    text = text.replace("/etc/nginx/teleservices-secret.conf", str(folder / "secret.conf"))
    text = text.replace("127.0.0.1:5004", f"127.0.0.1:{front}")
    (folder / "portal.conf").write_text(text, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""
    onward = f"location / {{ proxy_pass http://127.0.0.1:{ordinary}; proxy_set_header Host $host; }}"
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log warn;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}server {{ listen 127.0.0.1:{relay};\n"
        f"include {folder}/portal.conf;\n{onward} }} }}\n",
        "utf-8",
    )
    return folder / "nginx.conf"


SECRET_SHOWN = ("X-Teleservices-Secret", SECRET)


def test_the_portal_says_who_it_is_and_nobody_else_does(site: Site) -> None:
    address, cookie = site.way()
    arrived = site.ask(site.relay, "GET", address, "", cookie)
    assert (arrived.status, arrived.headers["Location"]) == (303, "/")

    # The portal says that somebody directs nothing: what the visitor adds is overwritten, the secret as well.
    site.says.update({"FrEduRneResp": "X", "FrEduFonctAdm": "ENS"})
    address, cookie = site.way()
    own = [("FrEduRneResp", CHARGE), ("FrEduFonctAdm", "DIR"), ("ct-remote-user", "autre"), SECRET_SHOWN]
    assert "rien ne vous est ouvert" in site.ask(site.relay, "GET", address, "", cookie, *own).text

    # Nor where it says nothing of an attribute.
    del site.says["FrEduRneResp"]
    address, cookie = site.way()
    assert "rien ne vous est ouvert" in site.ask(site.relay, "GET", address, "", cookie, *own).text


def test_the_listener_itself_asks_for_the_secret_and_for_each_header_once(site: Site) -> None:
    said = list(SAID.items())
    for more, sentence in (
        (said, "pas passée par le portail"),
        ([*said, ("X-Teleservices-Secret", "x" * 40)], "pas passée par le portail"),
        ([*said, SECRET_SHOWN, ("FrEduRneResp", CHARGE)], "pas passée par le portail"),
        ([*said, SECRET_SHOWN, ("X-Teleservices-Secret", "x")], "pas passée par le portail"),
    ):
        address, cookie = site.way()
        answer = site.ask(site.front, "GET", address, "", cookie, *more)
        assert (answer.status, sentence in answer.text) == (422, True)
    address, cookie = site.way()
    assert site.ask(site.front, "GET", address, "", cookie, *said, SECRET_SHOWN).status == 303
