"""A téléservice behind Debian's Apache, which knows families by mod_auth_openidc, set as docs/sso.md says (R35)."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from shared.provider.clients import Registration
from tests.patience import ended, wait_until

DOCS = Path(__file__).parent.parent.parent / "docs" / "sso.md"
MODULES = Path("/usr/lib/apache2/modules")
PACKAGES = "apache2-bin libapache2-mod-auth-openidc"
_LOADED = (
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "auth_openidc",
    "dir",
    "mime",
    "include",
    "rewrite",
    "proxy",
    "proxy_http",
)
_NOBODY = 65534
_PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>Bourses</title><h1>Bourses</h1>
<p id="who"><!--#echo var="REMOTE_USER" --></p>
<p id="sub"><!--#echo var="OIDC_CLAIM_sub" --></p>
<p id="name"><!--#echo var="OIDC_CLAIM_name" --></p>
<p id="children"><!--#echo var="OIDC_CLAIM_enfants" --></p>
<pre id="said"><!--#echo var="OIDC_userinfo_json" --></pre>
"""
_PROGRAM = """
ProxyPass /famille/programme http://127.0.0.1:{port}/
<Location /famille/programme>
    OIDCPassClaimsAs headers
</Location>
"""
_OPEN = {"au-revoir": "Au revoir", "refus": "Vous n'êtes pas entré"}
"""Pages that everybody reaches."""


def program() -> str | None:
    """Debian's Apache, where its module is there too."""
    found = shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return found if (MODULES / "mod_auth_openidc.so").exists() else None


@dataclass(frozen=True)
class Behind:
    """A téléservice that answers at `address`."""

    address: str

    @property
    def page(self) -> str:
        """The page that only families reach."""
        return f"{self.address}/famille/"

    @property
    def program(self) -> str:
        """What a program behind `ProxyPass` answers there: the headers that reached it."""
        return f"{self.address}/famille/programme"

    @property
    def goodbye(self) -> str:
        """Where a family is after a logout."""
        return f"{self.address}/au-revoir"

    @property
    def declined(self) -> str:
        """Where a family is that did not get in."""
        return f"{self.address}/refus"

    @property
    def back(self) -> str:
        """Where the portal sends browsers back to."""
        return f"{self.address}/famille/retour"

    @property
    def logout(self) -> str:
        """What its button « Se déconnecter » leads to."""
        return f"{self.back}?logout={quote(self.goodbye, safe='')}"

    def registration(self, **more: object) -> Registration:
        """What docs/sso.md has the académie write of it."""
        told = f"{self.back}?logout=backchannel"
        return Registration((self.back,), (self.goodbye,), told, **more)  # type: ignore[arg-type]


def settings_of_docs(behind: Behind, portal: str, client_id: str, secret: str) -> str:
    """The block of docs/sso.md, of this téléservice and this portal."""
    found = re.search(r"^    OIDCProviderMetadataURL .*?^    </Location>$", DOCS.read_text("utf-8"), re.M | re.S)
    assert found is not None
    text = found[0]
    own = {
        "https://portail.example.org": portal,
        "https://bourses.example.org": behind.address,
        r"https://bourses\.example\.org": re.escape(behind.address),
        "IDENTIFIANT": client_id,
        "SECRET": secret,
        "PHRASE": "une phrase que personne ne devine",
    }
    for written, meant in own.items():
        assert written in text, written
        text = text.replace(written, meant)
    return text


class _Program(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        answer = json.dumps(dict(self.headers.items())).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Tests read no log of it."""


@contextmanager
def _program() -> Iterator[int]:
    """The port of a program that listens to Apache."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Program)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(apache: str, behind: Behind, settings: str) -> Iterator[None]:
    """An Apache without any right of root, with these settings."""
    folder = Path(tempfile.mkdtemp(prefix="apache-"))
    port = int(behind.address.rpartition(":")[2])
    try:
        with _program() as program_port:
            _write(folder, port, settings + _PROGRAM.format(port=program_port))
            with _started(apache, folder, port):
                yield
    finally:
        shutil.rmtree(folder)


@contextmanager
def _started(apache: str, folder: Path, port: int) -> Iterator[None]:
    # Started by root, it would want a user of its own to serve pages as.
    lowered = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    command = [apache, "-D", "FOREGROUND", "-f", str(folder / "apache.conf")]
    with (folder / "out").open("wb") as out:
        # Nothing of the environment: a proxy of it would be asked for the portal.
        server = subprocess.Popen(command, env={"LANG": "C.UTF-8"}, stdout=out, stderr=out, **lowered)  # type: ignore[call-overload]
        try:
            wait_until(lambda: _answers(port, server, folder), "Apache answers")
            yield
        finally:
            server.terminate()
            ended(server)


def _write(folder: Path, port: int, settings: str) -> None:
    site = folder / "site"
    (site / "famille").mkdir(parents=True)
    (site / "famille" / "index.shtml").write_text(_PAGE, "utf-8")
    for name, title in _OPEN.items():
        (site / name).write_text(
            f'<!DOCTYPE html><meta charset="utf-8"><title>{title}</title><h1>{title}</h1>', "utf-8"
        )
    loaded = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
    whole = f"""ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
LogLevel warn auth_openidc:info
ServerName localhost
Listen 127.0.0.1:{port}
{loaded}
TypesConfig /dev/null
DocumentRoot {site}
DirectoryIndex index.shtml
<Directory {site}>
    Options +Includes
    Require all granted
</Directory>
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<FilesMatch "^({"|".join(_OPEN)})$">
    ForceType text/html
</FilesMatch>
{settings}
"""
    (folder / "apache.conf").write_text(whole, "utf-8")
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, _NOBODY)


def _answers(port: int, server: "subprocess.Popen[bytes]", folder: Path) -> bool:
    if server.poll() is not None:
        pytest.fail(
            "\n".join(path.read_text("utf-8") for path in (folder / "out", folder / "error.log") if path.exists())
        )
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
