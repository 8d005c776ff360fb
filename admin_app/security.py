"""What every answer of the back office carries, and which requests it listens to at all."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from admin_app.access import FILES
from shared.config import LOCAL_HOSTS, Settings

COOKIE = "administration"
LARGEST_REQUEST = 512 * 1024
"""Bytes; the longest form is a welcome message, or a mass notification with lines taken out of it."""
LARGEST_UPLOAD = 200 * 1024 * 1024
UPLOADS = "imports.upload"

POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    # Bootstrap draws its arrows and ticks with data: images in its style sheet.
    "img-src": "'self' data:",
    "font-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in POLICY.items())
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000"

csrf = CSRFProtect()


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, and the headers."""
    public = urlsplit(settings.public_admin_url)
    https = public.scheme == "https"
    app.config.update(
        SECRET_KEY=settings.signing_key("admin"),
        # The browser itself refuses a __Host- cookie that another site or a plain connection set.
        SESSION_COOKIE_NAME=f"__Host-{COOKIE}" if https else COOKIE,
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        TRUSTED_HOSTS=sorted({public.hostname or "", *LOCAL_HOSTS}),
        # As long as the session: a page may stay open over lunch.
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    headers = {**HEADERS, "Strict-Transport-Security": HSTS} if https else HEADERS

    @app.before_request
    def let_files_in() -> None:
        if request.endpoint == UPLOADS:
            request.max_content_length = LARGEST_UPLOAD

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.endpoint not in FILES:
            response.headers["Cache-Control"] = "no-store"
        return response


def protect_forms(app: Flask) -> None:
    """Refuse every form that this browser was not given. Registered after the check of who asks."""
    csrf.init_app(app)
