"""What every answer of the portal carries, and which requests it listens to at all."""

from types import TracebackType

from flask import Flask, Request, Response, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from parent_portal.installation import network_address
from parent_portal.visitors import keep_devices
from shared.config import Settings
from shared.web.headers import FORGET, OWN_FILES_ONLY, RowNumber, Site, Typed
from shared.web.telling import TracedRequests, log_failure, log_refusal

LARGEST_REQUEST = 64 * 1024
"""Bytes; the longest form holds two addresses and two passwords."""
CACHED = {"static", "site.robots", "site.theme"}
LEAVING = {"login.log_out", "account.log_out_everywhere"}

csrf = CSRFProtect()


class TypedRequest(Request):
    """A request whose fields hold nothing that no keyboard types."""

    parameter_storage_class = Typed


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, the protection of forms and the headers."""
    site = Site(settings.public_portal_url, "portal", "portail", LARGEST_REQUEST, OWN_FILES_ONLY, "no-referrer")
    app.config.update(
        site.configuration(settings),
        # It compares the Referer, which our own policy withholds.
        WTF_CSRF_SSL_STRICT=False,
    )
    keep_devices(app, site.device_cookie())
    app.request_class = TypedRequest
    app.url_map.converters["int"] = RowNumber
    csrf.init_app(app)
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.wsgi_app = TracedRequests(app.wsgi_app, behind_relay=settings.trusted_proxies > 0)  # type: ignore[method-assign]
    app.log_exception = _log_failure  # type: ignore[method-assign, assignment]
    headers = site.headers()

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(headers)
        if request.endpoint not in CACHED:
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint in LEAVING:
            response.headers["Clear-Site-Data"] = FORGET
        log_refusal(response.status_code, request.method, request.endpoint, network_address(), g.get("refusal"))
        return response


def _log_failure(
    failure: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    log_failure(request.method, request.endpoint, failure[1])
