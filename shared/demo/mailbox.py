"""A place to read the mails of a demonstration: takes every mail, delivers none, shows them on a page."""

import mailbox
import socket
import time
from collections.abc import Iterable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from shared.config import TEMPLATES

SHOWN = 200
START_SECONDS = 20
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; frame-src 'self'"


def can_take_mails() -> bool:
    """Whether the extra `demo` is installed: an installation for families does without."""
    return find_spec("aiosmtpd") is not None


class MailReader:
    """A page that lists the mails of a Maildir, newest first, and shows one."""

    urls = Map([Rule("/", endpoint="list"), Rule("/<key>", endpoint="one"), Rule("/<key>/html", endpoint="html")])

    def __init__(self, folder: Path) -> None:
        self._mails = mailbox.Maildir(folder, factory=None, create=True)
        self._templates = Environment(loader=FileSystemLoader(TEMPLATES / "demo"), autoescape=True)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            endpoint, values = self.urls.bind_to_environ(environ).match()
            response: Any = getattr(self, f"show_{endpoint}")(**values)
        except HTTPException as refused:
            response = refused
        return response(environ, start_response)

    def show_list(self) -> Response:
        """Every mail, newest first."""
        keys = sorted(self._mails.keys(), reverse=True)[:SHOWN]
        return self._page("mails.html", mails=[(key, self._read(key)) for key in keys])

    def show_one(self, key: str) -> Response:
        """One mail: its text, with links that can be followed."""
        mail = self._read(key)
        text = mail.get_body(("plain",))
        return self._page("mail.html", key=key, mail=mail, text=text.get_content() if text else "")

    def show_html(self, key: str) -> Response:
        """The HTML part of a mail, as a mail reader would show it."""
        part = self._read(key).get_body(("html",))
        if part is None:
            raise NotFound
        return self._respond(part.get_content())

    def _read(self, key: str) -> EmailMessage:
        try:
            content = self._mails.get_bytes(key)
        except KeyError:
            raise NotFound from None
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(content)

    def _page(self, template: str, **values: Any) -> Response:  # noqa: ANN401 - what the template shows
        return self._respond(self._templates.get_template(template).render(**values))

    def _respond(self, html: str) -> Response:
        return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _CSP})


def serve_mailbox(folder: Path, host: str, smtp_port: int, port: int) -> None:
    """Take mails on `smtp_port` and show them on `port`, until the process is told to stop.

    Raises:
        ModuleNotFoundError: the extra `demo` is not installed (`can_take_mails`).
    """
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Mailbox

    folder.parent.mkdir(parents=True, exist_ok=True)
    reader = MailReader(folder)
    taker = Controller(Mailbox(folder), hostname=host, port=smtp_port)
    taker.start()
    try:
        make_server(host, port, reader, threaded=True).serve_forever()
    finally:
        taker.stop()


def wait_for_mailbox(host: str, smtp_port: int) -> None:
    """Return once mails are taken on `smtp_port`, or when it is no use waiting any longer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, smtp_port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
