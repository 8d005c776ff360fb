"""A CAS server that says whatever a test has it say, over HTTP; each of its tickets is good once, for one address."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

ANSWER = "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'>{}</cas:serviceResponse>"
UNKNOWN = ANSWER.format("<cas:authenticationFailure code='INVALID_TICKET'>non</cas:authenticationFailure>")


def known(user: str, attributes: Mapping[str, str]) -> str:
    """The answer that names somebody."""
    said = "".join(f"<cas:{name}>{escape(value)}</cas:{name}>" for name, value in attributes.items())
    inside = f"<cas:user>{user}</cas:user><cas:attributes>{said}</cas:attributes>"
    return ANSWER.format(f"<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>")


@dataclass
class Cas:
    """One that listens on this machine."""

    address: str
    answer: str = ""
    """What it says whatever it is asked; empty: what its ticket stands for."""
    status: int = 200
    attributes: Mapping[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    given: int = 0
    tickets: dict[str, str] = field(default_factory=dict)
    """The address for which each was given."""

    def log_in(self, address: str) -> dict[str, str]:
        """A person logs in there: what the browser that was sent to `address` comes back with."""
        [service] = parse_qs(urlsplit(address).query)["service"]
        self.given += 1
        ticket = f"ST-{self.given}"
        self.tickets[ticket] = service
        return {name: values[0] for name, values in parse_qs(urlsplit(service).query).items()} | {"ticket": ticket}

    def says(self, asked: Mapping[str, str]) -> str:
        """Who came with a ticket, once."""
        if self.answer:
            return self.answer
        is_right = self.tickets.pop(asked.get("ticket", ""), None) == asked.get("service")
        return known("p-1", self.attributes) if is_right else UNKNOWN


@contextmanager
def answering() -> Iterator[Cas]:
    """One that listens on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            server.asked.append(asked)
            self.send_response(server.status if parts.path == "/cas/p3/serviceValidate" else 200)
            self.send_header("Location", "/cas/elsewhere")
            self.end_headers()
            self.wfile.write(server.says(asked).encode())

        def log_message(self, *_: object) -> None:
            """Tests read no log of it."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Cas(f"http://127.0.0.1:{listening.server_port}/cas")
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
