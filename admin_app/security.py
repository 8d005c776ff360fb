"""What every answer of the back office carries, and which requests it listens to at all."""

from flask import Flask, request
from flask_wtf import CSRFProtect

from admin_app.access import FILES
from shared.config import Settings
from shared.web import security
from shared.web.headers import OWN_FILES_ONLY, Site

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


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, and the headers."""
    site = Site(settings.public_admin_url, "admin", "administration", LARGEST_REQUEST, POLICY, "same-origin")
    security.secure(app, settings, site, cached=FILES, leaving=LEAVING)

    @app.before_request
    def let_files_in() -> None:
        if request.endpoint in LARGEST_UPLOADS:
            request.max_content_length = LARGEST_UPLOADS[request.endpoint]


def protect_forms(app: Flask) -> None:
    """Refuse every form that this browser was not given. Registered after the check of who asks."""
    csrf.init_app(app)
    # Providers speak to it without a browser: their signature says who they are.
    csrf.exempt("admin_app.views.session.sign_on.end")
    # A form of the provider's own page, then the same sent on: what it answers is known by a cookie of its own.
    csrf.exempt("admin_app.views.session.saml.arrive")
    csrf.exempt("admin_app.views.session.saml.go_on")
