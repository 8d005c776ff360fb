"""A CAS server that answers anything lets in whom it names, and else nobody; it is asked about our own address."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from shared.sign_on.cas import said_by_cas, way_to_cas
from shared.sign_on.refusals import Refusal, SignOnRefused

SERVICE = "https://admin.example.org/connexion/par/retour?state=abc"
ANSWER = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>{}</cas:serviceResponse>"
KNOWN = ANSWER.format(
    "<cas:authenticationSuccess><cas:user>{}</cas:user><cas:attributes><cas:title>DIR</cas:title></cas:attributes>"
    "</cas:authenticationSuccess>"
)
UNKNOWN = ANSWER.format("<cas:authenticationFailure code='INVALID_TICKET'>non</cas:authenticationFailure>")
BOMB = (
    "<!DOCTYPE x [<!ENTITY a0 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12))
    + "]>"
    + KNOWN.format("&a11;")
)
OF_A_FILE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>" + KNOWN.format("&a;")


@dataclass
class Cas:
    address: str
    answer: str = ""
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def cas() -> Iterator[Cas]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            server.asked.append({name: values[0] for name, values in parse_qs(parts.query).items()})
            self.send_response(server.status if parts.path == "/cas/p3/serviceValidate" else 200)
            self.send_header("Location", "/cas/elsewhere")
            self.end_headers()
            self.wfile.write(server.answer.encode())

        def log_message(self, *_: object) -> None:
            """Tests read no log of it."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Cas(f"http://127.0.0.1:{listening.server_port}/cas")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield server
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_whom_it_names_is_said_and_it_was_asked_about_our_own_address(cas: Cas) -> None:
    cas.answer = KNOWN.format("p-1")
    said = said_by_cas(cas.address, SERVICE, "ST-1")
    assert said.subject == "p-1"
    assert said.attributes.first("title") == "DIR"
    assert said.strengths == frozenset()
    assert cas.asked == [{"ticket": "ST-1", "service": SERVICE}]
    assert parse_qs(urlsplit(way_to_cas(cas.address, SERVICE)).query)["service"] == [SERVICE]


NOBODY = {
    "nothing": "",
    "the first version": "yes\np-1\n",
    "another document": "<x/>",
    "unknown": UNKNOWN,
    "empty": ANSWER.format(""),
    "nobody": ANSWER.format("<cas:authenticationSuccess/>"),
    "an empty name": KNOWN.format(""),
    "a long name": KNOWN.format("x" * 256),
    "a name of two lines": KNOWN.format("p&#10;1"),
    "two answers": UNKNOWN + KNOWN.format("p-1"),
    "a bomb of entities": BOMB,
    "a file of this machine": OF_A_FILE,
    "JSON": '{"serviceResponse": {"authenticationSuccess": {"user": "p-1"}}}',
}


@pytest.mark.parametrize("answer", NOBODY.values(), ids=NOBODY)
def test_anything_else_lets_nobody_in(cas: Cas, answer: str) -> None:
    cas.answer = answer
    with pytest.raises(SignOnRefused):
        said_by_cas(cas.address, SERVICE, "ST-1")


@pytest.mark.parametrize("status", [302, 307])
def test_it_is_not_followed_elsewhere(cas: Cas, status: int) -> None:
    cas.status, cas.answer = status, KNOWN.format("p-1")
    with pytest.raises(SignOnRefused) as refused:
        said_by_cas(cas.address, SERVICE, "ST-1")
    assert refused.value.reason is Refusal.UNAVAILABLE
    assert len(cas.asked) == 1


@pytest.mark.parametrize("ticket", ["", "x" * 501, "ST-é"])
def test_what_is_no_ticket_is_not_asked_about(cas: Cas, ticket: str) -> None:
    with pytest.raises(SignOnRefused):
        said_by_cas(cas.address, SERVICE, ticket)
    assert cas.asked == []
