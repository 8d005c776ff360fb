"""An identity provider that says whatever a test has it say, over HTTP, with keys of its own: dishonest ones too."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "teleservices", "un secret de client"


@dataclass
class Provider:
    """What it says; a test changes any of it."""

    issuer: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "un", "use": "sig"}))
    metadata: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "un"})
    signs_with: RSAKey | None = None
    forges: Callable[[dict[str, Any]], str] | None = None
    """Makes an ID token of the claims of a right one."""
    userinfo: object = None
    signs_userinfo: bool = False
    asked: list[str] = field(default_factory=list)
    """The paths asked for, in their order."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code stands for: the parameters that the browser came with."""
    tokens_asked: list[dict[str, str]] = field(default_factory=list)

    def says(self) -> dict[str, Any]:
        """Its metadata."""
        own = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in (own | self.metadata).items() if value is not None}

    def signed(self, claims: dict[str, Any]) -> str:
        """A token that says `claims`."""
        key = self.signs_with or self.key
        algorithms = [self.header["alg"]]
        # As JSON may say it: half a pair too, which the library would not sign for anybody honest.
        return jws.serialize_compact(self.header, json.dumps(claims).encode(), key, algorithms=algorithms)

    def answer(self, address: str, **changes: str) -> dict[str, str]:
        """A person logs in there: what the browser that was sent to `address` comes back with."""
        came = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = came
        return {"code": code, "state": came["state"], "iss": self.issuer} | changes

    def tokens(self, form: dict[str, str]) -> dict[str, Any]:
        """What a code is exchanged for."""
        self.tokens_asked.append(form)
        came = self.codes.get(form.get("code", ""), {})
        now = int(time.time())
        own = {"iss": self.issuer, "aud": CLIENT, "sub": "p-1", "iat": now, "exp": now + 300, "sid": "s-1"}
        own["nonce"] = came.get("nonce", "")
        claims = {name: value for name, value in (own | self.claims).items() if value is not None}
        id_token = self.forges(claims) if self.forges else self.signed(claims)
        return {"access_token": "jeton", "token_type": "Bearer", "expires_in": 60, "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_: Any) -> None:
        """Tests read no log of it."""

    def do_GET(self) -> None:
        self.provider.asked.append(self.path)
        if self.path == "/jwks":
            self._say(KeySet([self.provider.key]).as_dict(private=False))
        elif self.path == "/userinfo":
            said = self.provider.userinfo if self.provider.userinfo is not None else {"sub": "p-1"}
            if self.provider.signs_userinfo:
                self._send(self.provider.signed(said).encode(), "application/jwt")
            else:
                self._say(said)
        else:
            self._say(self.provider.says())

    def do_POST(self) -> None:
        self.provider.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(self.provider.tokens(form | {"authorization": self.headers.get("Authorization", "")}))

    def _say(self, said: object) -> None:
        self._send(json.dumps(said).encode(), "application/json")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def answering() -> Iterator[Provider]:
    """One that listens on this machine."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
