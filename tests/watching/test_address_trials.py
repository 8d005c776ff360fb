"""`teleservices check` asks the public addresses as a visitor would, and says in French what is in the way."""

import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.config import Settings
from shared.watching.address_trials import try_address
from shared.watching.judgement import Finding, Level
from tests.ports import free_port

Trial = Callable[..., Finding]
Answer = tuple[int, bytes]
WELL: Answer = (200, b"ok\n")


@contextmanager
def served(answer: Answer, certificate: Path | None) -> Iterator[int]:
    """A server that gives one answer to everything, over TLS where it has a certificate; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answer[0])
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate.with_suffix(".key"))
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def certified(folder: Path, name: str, days: int) -> Path:
    """A certificate made as docs/exploitation.md says."""
    made = folder / f"{name}.pem"
    options = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-days", str(days)]
    files = ["-keyout", str(made.with_suffix(".key")), "-out", str(made)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *options, *files]
    subprocess.run(command, check=True, capture_output=True)
    return made


@pytest.fixture
def tried(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    def tried(days: int = 90, name: str = "localhost", answer: Answer = WELL, *, known: bool = True) -> Finding:
        certificate = certified(tmp_path, name, days)
        if known:
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with served(answer, certificate) as port:
            return try_address("Portail", f"https://localhost:{port}", settings)

    return tried


def test_all_is_well(tried: Trial) -> None:
    found = tried()
    assert (found.level, found.sentence.endswith(" répond")) == (Level.GOOD, True)


def test_a_certificate_that_ends_soon_is_told_of_before_it_does(tried: Trial) -> None:
    found = tried(days=9)
    assert found.level is Level.WARNING
    assert "son certificat finit le" in found.sentence


def test_a_certificate_that_nobody_signed_is_refused(tried: Trial) -> None:
    found = tried(known=False)
    assert found.level is Level.CRITICAL
    assert "n'est signé par personne que cette machine connaisse" in found.sentence


def test_a_certificate_of_another_name_is_refused(tried: Trial) -> None:
    found = tried(name="portail.example.org")
    assert (found.level, "son certificat est à un autre nom" in found.sentence) == (Level.CRITICAL, True)


def test_a_relay_whose_application_is_stopped_is_told_from_one_that_is_set_wrong(tried: Trial) -> None:
    assert "le relais répond 502" in tried(answer=(502, b"<html>")).sentence
    assert "ne mène pas à cette application" in tried(answer=(200, b"Welcome to nginx!")).sentence


@pytest.mark.parametrize(
    ("host", "said"),
    [("127.0.0.1", "la connexion est refusée"), ("nulle-part.invalid", "son nom ne mène nulle part")],
)
def test_a_place_where_nobody_is_or_a_name_of_nobody(settings: Settings, host: str, said: str) -> None:
    found = try_address("Portail", f"http://{host}:{free_port()}", settings)
    assert (found.level, said in found.sentence) == (Level.CRITICAL, True)
