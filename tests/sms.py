"""A gateway that takes SMS by HTTP, and does to each number what a test says: late, twice, never, with errors."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from shared.config import Settings

OK = 200


@dataclass
class Phones:
    """What the gateway took, and how it answers."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[str], tuple[int, object] | None] = lambda _number: None
    """Another answer than a good one, by number; it keeps the message all the same when `keeps` says so."""
    keeps: bool = False
    silent: set[str] = field(default_factory=set)
    """Numbers whose message is taken and never answered."""
    hangs_up: set[str] = field(default_factory=set)
    """Numbers whose message is taken, and the connection closed."""
    seconds: float = 0.0
    receipts: dict[str, dict[str, int]] = field(default_factory=dict)
    """What is said of each message, by its number here."""
    asked: Counter[str] = field(default_factory=Counter)

    def taken(self, number: str) -> list[dict[str, Any]]:
        return [one for one in self.messages if one["receivers"] == [number]]

    @property
    def numbers(self) -> Counter[str]:
        return Counter(one["receivers"][0] for one in self.messages)


class HttpGatewayServer:
    """It listens on a port of its own, in a thread for each request."""

    def __init__(self) -> None:
        self.phones = phones = Phones()

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer leaves at once, whole.
            wbufsize = -1
            disable_nagle_algorithm = True

            def log_message(self, *_args: object) -> None:
                pass

            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                phones.headers.append(dict(self.headers))
                number = message["receivers"][0]
                time.sleep(phones.seconds)
                answer = phones.answer(number)
                if answer is None or phones.keeps:
                    phones.messages.append(message)
                if number in phones.silent:
                    time.sleep(2)
                if number in phones.silent | phones.hangs_up:
                    self.close_connection = True
                    return
                taken = {"ids": [len(phones.messages)], "validReceivers": [number], "invalidReceivers": []}
                self._say(*(answer or (OK, {**taken, "totalCreditsRemoved": 1})))

            def do_GET(self) -> None:
                reference = self.path.rpartition("/")[2]
                phones.asked[reference] += 1
                self._say(OK, phones.receipts.get(reference, {"deliveryReceipt": 0, "ptt": 1}))

            def _say(self, status: int, said: object) -> None:
                body = said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "HttpGatewayServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def sending(self, settings: Settings) -> Settings:
        """The settings of an installation that sends its SMS through this gateway."""
        return settings.model_copy(
            update={
                "sms_driver": "http",
                "sms_sender": "COLLEGE",
                "sms_price": Decimal("0.065"),
                "sms_http_url": f"{self.address}/jobs",
                "sms_http_receipts_url": f"{self.address}/outgoing/{{id}}",
                "sms_token": "a token of the tests",
            }
        )
