"""The téléservice of a demonstration: it knows families by the portal (OpenID Connect), and shows what it is told."""

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import make_server
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from shared.config import TEMPLATES
from shared.proofs.secrets import drawn

SCOPE = "openid profile email enfants"
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


class DemoService:
    """One page, a way in, and the way back."""

    urls = Map([Rule("/", endpoint="home"), Rule("/entrer", endpoint="enter"), Rule("/retour", endpoint="back")])

    def __init__(self, portal: str, client_id: str, secret: str, own: str) -> None:
        self._portal, self._client_id, self._secret, self._own = portal, client_id, secret, own
        self._asked: dict[str, str] = {}
        """The verifier of each question that waits, by its state: one machine, one demonstration."""
        self._templates = Environment(loader=FileSystemLoader(TEMPLATES / "demo"), autoescape=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        try:
            endpoint, _values = self.urls.bind_to_environ(environ).match()
            response: Any = getattr(self, f"show_{endpoint}")(request)
        except HTTPException as refused:
            response = refused
        return response(environ, start_response)

    def show_home(self, _request: Request) -> Response:
        """Before anybody entered."""
        return self._page()

    def show_enter(self, _request: Request) -> Response:
        """Send the browser to the portal, with a question that only this process can use the answer of."""
        verifier, state = drawn(), drawn()
        self._asked = {**dict(list(self._asked.items())[-100:]), state: verifier}
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        address, _state = self._session().create_authorization_url(
            f"{self._portal}/openid/autorisation",
            state=state,
            nonce=drawn(),
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        return redirect(address, 303)

    def show_back(self, request: Request) -> Response:
        """Whoever comes back: what the portal says of them, or that it says nothing."""
        verifier = self._asked.pop(request.args.get("state", ""), None)
        if verifier is None or "code" not in request.args:
            return self._page(refused=request.args.get("error", "cette réponse n'est pas à une question d'ici"))
        session = self._session()
        try:
            tokens = session.fetch_token(
                f"{self._portal}/openid/jeton", code=request.args["code"], code_verifier=verifier, grant_type=GRANT
            )
            told = session.get(f"{self._portal}/openid/personne").json()
        except (AuthlibBaseError, OSError, ValueError, KeyError) as error:
            return self._page(refused=type(error).__name__)
        leave = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": f"{self._own}/"}
        return self._page(
            told=told,
            written=json.dumps(told, indent=2, ensure_ascii=False),
            way_out=f"{self._portal}/openid/fin?{urlencode(leave)}",
        )

    def _session(self) -> OAuth2Session:
        back = f"{self._own}/retour"
        return OAuth2Session(self._client_id, self._secret, scope=SCOPE, redirect_uri=back)

    def _page(self, **values: Any) -> Response:  # noqa: ANN401 - what the template shows
        html = self._templates.get_template("teleservice.html").render(portal=self._portal, **values)
        return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _CSP})


GRANT = "authorization_code"


def read_service(file: Path, own: str) -> DemoService:
    """The téléservice that the demonstration connected, whose secret is in `file`."""
    portal, client_id, secret = file.read_text("utf-8").split("\n")
    return DemoService(portal, client_id, secret, own)


def serve_teleservice(file: Path, own: str) -> None:
    """Answer at the address `own` of this machine until the process is told to stop."""
    make_server("127.0.0.1", int(own.rpartition(":")[2]), read_service(file, own), threaded=True).serve_forever()
