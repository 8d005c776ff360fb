"""docs/nginx.conf and docs/Caddyfile, each run for real: they say where visitors come from, and hold the slow back."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared import clock
from tests.benchmarks.portal_login import wait_for
from tests.conftest import skip_or_fail
from tests.ports import free_port

DOCS = Path(__file__).parent.parent / "docs"
NAMES = ("portail", "administration")
PORTS = {"portail": "5002", "administration": "5001"}
THREADS = 2

pytestmark = pytest.mark.slow


def application(environ, start_response):
    """Says what reached it."""
    told = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST")
    answer = json.dumps({name: environ.get(name) for name in told} | {"length": len(environ["wsgi.input"].read())})
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer.encode()]


def certify(name: str, folder: Path) -> None:
    """A certificate that nobody signed but itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(own).issuer_name(own).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    (folder / f"{name}.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.key").write_bytes(key.private_bytes(*plain))


@pytest.fixture(params=["nginx", "caddy"])
def relay(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """The port of the relay, in front of one server that stands for both applications."""
    port, behind = free_port(), free_port()
    with running(in_front(request.param, tmp_path, port, behind), tmp_path), running(server(behind), tmp_path):
        wait_for(behind)
        wait_for(port)
        yield port


def in_front(kind: str, folder: Path, port: int, behind: int) -> list[str]:
    """The command of a relay."""
    program = program_of(kind)
    if not Path(program).exists():
        skip_or_fail(f"no {kind} (apt install {PACKAGES[kind]})")
    return [program, *PREPARED[kind](folder, port, behind)]


def server(behind: int) -> list[str]:
    """That of what stands for both applications: anybody slow would hold it, and the relay alone does not let them."""
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{behind}", "--threads", str(THREADS)]
    worker = ["--worker-class", "gthread", "--no-control-socket", "--log-level", "critical"]
    return [*command, *worker, "tests.test_relay:application"]


@contextlib.contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    """It runs meanwhile; Caddy keeps its certificates in `folder`."""
    own = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with subprocess.Popen(command, env=own) as process:
        try:
            yield
        finally:
            process.terminate()


def plain_port(folder: Path) -> int:
    """Where the relay answers without https."""
    chosen = folder / "plain"
    if not chosen.exists():
        chosen.write_text(str(free_port()), "ascii")
    return int(chosen.read_text("ascii"))


def program_of(kind: str) -> str:
    """Where it is, or would be."""
    return shutil.which(kind) or f"/usr/sbin/{kind}"


def written(name: str, folder: Path, behind: int) -> str:
    """A file of `docs`, once it leads to the server of the test."""
    text = (DOCS / name).read_text("utf-8").replace("/etc/ssl/teleservices", str(folder))
    for application_port in PORTS.values():
        assert f"127.0.0.1:{application_port}" in text
        text = text.replace(f"127.0.0.1:{application_port}", f"127.0.0.1:{behind}")
    return text


def prepare_nginx(folder: Path, port: int, behind: int) -> list[str]:
    """Its files, and what it is run with."""
    for name in NAMES:
        certify(name, folder)
    text = written("nginx.conf", folder, behind).replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain_port(folder)};")
    (folder / "relay.conf").write_text(text, "utf-8")
    return nginx_around(folder)


def nginx_around(folder: Path) -> list[str]:
    """What nginx is run with so that it reads `relay.conf` of `folder`, and keeps there whatever it keeps."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    # Its folders are those of the test.
    user = "user root;\n" if os.geteuid() == 0 else ""
    whole = (
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log warn;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}include {folder}/relay.conf; }}\n"
    )
    (folder / "nginx.conf").write_text(whole, "utf-8")
    return ["-c", str(folder / "nginx.conf")]


def prepare_caddy(folder: Path, port: int, behind: int) -> list[str]:
    """The same; it makes its certificates itself, and would listen at port 80 as well."""
    beside = f"\tadmin off\n\thttps_port {port}\n\thttp_port {plain_port(folder)}\n\tdefault_bind 127.0.0.1\n"
    text = written("Caddyfile", folder, behind).replace("{\n", "{\n" + beside, 1)
    (folder / "Caddyfile").write_text(text, "utf-8")
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


PREPARED = {"nginx": prepare_nginx, "caddy": prepare_caddy}
PACKAGES = {"nginx": "nginx-light", "caddy": "caddy"}


def connect(port: int, name: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port), 60)
    return context.wrap_socket(plain, server_hostname=f"{name}.example.org")


def ask(port: int, name: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.sock = connect(port, name)
    said = {"Host": f"{name}.example.org", **{key.replace("_", "-"): value for key, value in headers.items()}}
    connection.request("POST" if body else "GET", "/", body or None, said)
    answer = connection.getresponse()
    return answer.status, answer.read()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_visitor_says_of_the_own_address_does_not_count(relay: int, name: str) -> None:
    status, answer = ask(relay, name, X_Forwarded_For="198.51.100.7", X_Forwarded_Proto="http")
    assert status == 200
    told = json.loads(answer)
    assert told["HTTP_X_FORWARDED_FOR"] == "127.0.0.1"
    assert told["HTTP_X_FORWARDED_PROTO"] == "https"
    assert told["HTTP_HOST"] == f"{name}.example.org"


@pytest.mark.parametrize("name", NAMES)
def test_an_address_without_https_leads_to_it(relay: int, tmp_path: Path, name: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", plain_port(tmp_path), timeout=60)
    connection.request("GET", "/connexion?a=1", headers={"Host": f"{name}.example.org"})
    answer = connection.getresponse()
    assert answer.status in {301, 308}
    led = urlsplit(answer.headers["Location"])
    assert (led.scheme, led.hostname, led.path, led.query) == ("https", f"{name}.example.org", "/connexion", "a=1")


def test_caddy_lets_who_comes_wait_while_an_application_is_replaced(tmp_path: Path) -> None:
    port, behind = free_port(), free_port()
    with running(in_front("caddy", tmp_path, port, behind), tmp_path), ThreadPoolExecutor() as visitors:
        wait_for(port)
        answer = visitors.submit(ask, port, "portail")
        assert wait([answer], timeout=1).not_done
        with running(server(behind), tmp_path):
            assert answer.result(timeout=60)[0] == 200


def test_files_reach_the_back_office_and_not_the_portal(relay: int) -> None:
    file = b"z" * 3_000_000
    status, answer = ask(relay, "administration", file)
    assert (status, json.loads(answer)["length"]) == (200, len(file))
    assert ask(relay, "portail", file)[0] == 413


def test_those_who_are_slow_hold_the_relay_and_nobody_behind_it(relay: int) -> None:
    slow = [connect(relay, "portail") for _ in range(8 * THREADS)]
    try:
        for client in slow:
            client.sendall(b"POST / HTTP/1.1\r\nHost: portail.example.org\r\nContent-Length: 60000\r\n\r\nx")
        for name in NAMES:
            assert ask(relay, name)[0] == 200
    finally:
        for client in slow:
            client.close()
