"""What every answer of the back office carries, and which requests it listens to at all."""

from types import TracebackType

from flask import Flask, Request, Response, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_app.access import FILES
from admin_app.installation import network_address
from admin_app.visitors import keep_devices
from shared.config import Settings
from shared.web.headers import FORGET, OWN_FILES_ONLY, RowNumber, Site, Typed
from shared.web.telling import TracedRequests, log_failure, log_refusal

LARGEST_REQUEST = 512 * 1024
"""Bytes; the longest form is a welcome message, or a mass notification with lines taken out of it."""
LARGEST_UPLOADS = {"imports.upload": 200 * 1024 * 1024, "logo.save": 8 * 1024 * 1024}

POLICY = {
    **OWN_FILES_ONLY,
    # Bootstrap draws its arrows and ticks with data: images in its style sheet.
    "img-src": "'self' data:",
    "connect-src": "'self'",
    # The letters, inside the page that speaks of them.
    "frame-src": "'self'",
}
LEAVING = {"logout.index"}

csrf = CSRFProtect()


class TypedRequest(Request):
    """A request whose fields hold nothing that no keyboard types."""

    parameter_storage_class = Typed


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, and the headers."""
    site = Site(settings.public_admin_url, "admin", "administration", LARGEST_REQUEST, POLICY, "same-origin")
    app.config.update(site.configuration(settings))
    keep_devices(app, site.device_cookie())
    app.request_class = TypedRequest
    app.url_map.converters["int"] = RowNumber
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.wsgi_app = TracedRequests(app.wsgi_app, behind_relay=settings.trusted_proxies > 0)  # type: ignore[method-assign]
    app.log_exception = _log_failure  # type: ignore[method-assign, assignment]
    headers = site.headers()

    @app.before_request
    def let_files_in() -> None:
        if request.endpoint in LARGEST_UPLOADS:
            request.max_content_length = LARGEST_UPLOADS[request.endpoint]

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint not in FILES:
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint in LEAVING:
            response.headers["Clear-Site-Data"] = FORGET
        log_refusal(response.status_code, request.method, request.endpoint, network_address(), g.get("refusal"))
        return response


def protect_forms(app: Flask) -> None:
    """Refuse every form that this browser was not given. Registered after the check of who asks."""
    csrf.init_app(app)
    # Providers speak to it without a browser: their signature says who they are.
    csrf.exempt("admin_app.views.session.sign_on.end")


def _log_failure(
    failure: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    log_failure(request.method, request.endpoint, failure[1])
