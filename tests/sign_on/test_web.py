"""A provider that answers slowly, never, or too much holds few threads of ours, and those not for long."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from joserfc.jwk import KeySet, RSAKey

from shared.sign_on.asking import web
from shared.sign_on.asking.addresses import require_safe
from shared.sign_on.discovery import Discovery
from shared.sign_on.refusals import Refusal, SignOnRefused
from tests.patience import STILL_SECONDS, wait_until

ANSWER = json.dumps({"issuer": "x" * 40}).encode()


@contextmanager
def answering_by(answer: "type[BaseHTTPRequestHandler]") -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), answer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests read no log of it."""


def test_an_answer_that_comes_byte_after_byte_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Dripping(_Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            for byte in ANSWER:
                time.sleep(0.02)
                self.wfile.write(bytes([byte]))

    monkeypatch.setattr(web, "SECONDS_TO_ANSWER", 0.1)
    with answering_by(Dripping) as address, pytest.raises(SignOnRefused) as refused:
        web.read_json(address)
    assert refused.value.reason is Refusal.UNAVAILABLE


def test_an_answer_is_not_followed_elsewhere() -> None:
    asked = []

    class Leading(_Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(302 if self.path == "/" else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

    with answering_by(Leading) as address:
        assert web.read_json(f"{address}/there")
        with pytest.raises(SignOnRefused):
            web.read_json(f"{address}/")
    assert asked == ["/there", "/"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_an_answer_without_end_is_given_up(encoding: str) -> None:
    class Endless(_Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            body = b'{"issuer": "' + b"x" * 50_000_000 + b'"}'
            body = gzip.compress(body) if encoding == "gzip" else body
            self.send_header("Content-Encoding", encoding)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with answering_by(Endless) as address, pytest.raises(SignOnRefused) as refused:
        web.read_json(address)
    assert refused.value.reason is Refusal.UNAVAILABLE


def test_a_provider_that_hangs_holds_few_threads_and_the_others_are_told_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, let_go = [], threading.Event()

    class Hanging(_Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            if len(asked) <= web.AT_ONCE:
                let_go.wait(STILL_SECONDS)
            self.send_response(404)
            self.end_headers()

    monkeypatch.setattr(web, "SECONDS_FOR_A_TURN", 0)
    with answering_by(Hanging) as address:

        def ask() -> None:
            with pytest.raises(SignOnRefused):
                web.read_json(address)

        threads = [threading.Thread(target=ask) for _ in range(web.AT_ONCE)]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: len(asked) == web.AT_ONCE, "those who ask first", lambda: len(asked))
            with pytest.raises(SignOnRefused) as refused:
                web.read_json(address)
            assert refused.value.reason is Refusal.UNAVAILABLE
            assert len(asked) == web.AT_ONCE
        finally:
            let_go.set()
            for thread in threads:
                thread.join()
        # Their turns are given back.
        with pytest.raises(SignOnRefused):
            web.read_json(address)
        assert len(asked) == web.AT_ONCE + 1


@pytest.mark.parametrize(
    "address",
    [
        "http://ailleurs.example.org",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1.example.org",
        "https://u:p@example.org",
        "https://example.org/#x",
        "https://exam\u202eple.org",
        "file:///etc/passwd",
        "https://[",
        "https://example.org:99999999",
        None,
    ],
)
def test_no_address_is_asked_in_clear_elsewhere_nor_with_a_password(address: object) -> None:
    with pytest.raises(SignOnRefused):
        require_safe(address)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"])
def test_a_provider_elsewhere_names_nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    issuer = "https://portail.example.org"
    said = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/a",
        "token_endpoint": f"{issuer}/t",
        "userinfo_endpoint": f"{issuer}/u",
        "jwks_uri": f"{issuer}/k",
    }
    pages = {
        f"{issuer}/k": KeySet([RSAKey.generate_key(2048, {"kid": "un"})]).as_dict(private=False),
        f"{issuer}/.well-known/openid-configuration": {**said, name: "http://127.0.0.1:6379/"},
    }
    monkeypatch.setattr(web, "read_json", pages.__getitem__)
    if name == "userinfo_endpoint":
        assert Discovery().metadata(issuer).userinfo is None
        return
    with pytest.raises(SignOnRefused):
        Discovery().metadata(issuer)
