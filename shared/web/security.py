"""What every answer of either application carries, and which requests they listen to at all."""

from collections.abc import Collection, Mapping
from types import TracebackType

from flask import Flask, Request, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.config import Settings
from shared.web.devices import keep_devices
from shared.web.headers import FORGET, RowNumber, Site, Typed
from shared.web.installation import network_address
from shared.web.telling import TracedRequests, log_failure, log_refusal


class TypedRequest(Request):
    """A request whose fields hold nothing that no keyboard types."""

    parameter_storage_class = Typed


def secure(app: Flask, settings: Settings, site: Site, *, cached: Collection[str], leaving: Collection[str]) -> None:
    """Set the cookies, the size and hosts listened to, and the headers.

    `cached` names the endpoints that browsers may keep, `leaving` those after which they forget everything.
    """
    app.config.update(site.configuration(settings))
    keep_devices(app, site.device_cookie())
    app.request_class = TypedRequest
    app.url_map.converters["int"] = RowNumber
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)
    app.wsgi_app = TracedRequests(app.wsgi_app, behind_relay=settings.trusted_proxies > 0)
    app.log_exception = _log_failure  # type: ignore[assignment]  # it is called so
    _carry_headers(app, site.headers(), cached, leaving)


def _carry_headers(app: Flask, headers: Mapping[str, str], cached: Collection[str], leaving: Collection[str]) -> None:
    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint not in cached:
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint in leaving:
            response.headers["Clear-Site-Data"] = FORGET
        log_refusal(response.status_code, request.method, request.endpoint, network_address(), g.get("refusal"))
        return response


def _log_failure(
    failure: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None],
) -> None:
    log_failure(request.method, request.endpoint, failure[1])
