"""What every answer of the portal carries, and which requests it listens to at all."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.config import LOCAL_HOSTS, Settings

COOKIE = "portail"
LARGEST_REQUEST = 64 * 1024
"""Bytes; the longest form holds two addresses and two passwords."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000"
CACHED = {"static", "site.robots", "site.theme"}

csrf = CSRFProtect()


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, the protection of forms and the headers."""
    public = urlsplit(settings.public_portal_url)
    https = public.scheme == "https"
    app.config.update(
        SECRET_KEY=settings.signing_key("portal"),
        # The browser itself refuses a __Host- cookie that another site or a plain connection set.
        SESSION_COOKIE_NAME=f"__Host-{COOKIE}" if https else COOKIE,
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        TRUSTED_HOSTS=sorted({public.hostname or "", *LOCAL_HOSTS}),
        # As long as the session: a page may stay open while the letter is looked for.
        WTF_CSRF_TIME_LIMIT=None,
        # It compares the Referer, which our own policy withholds.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf.init_app(app)
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    headers = {**HEADERS, "Strict-Transport-Security": HSTS} if https else HEADERS

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(headers)
        if request.endpoint not in CACHED:
            response.headers["Cache-Control"] = "no-store"
        return response
