"""What every answer of the portal carries, and which requests it listens to at all."""

from flask import Flask
from flask_wtf import CSRFProtect

from shared.config import Settings
from shared.web import security
from shared.web.headers import OWN_FILES_ONLY, Site

LARGEST_REQUEST = 64 * 1024
"""Bytes; the longest form holds two addresses and two passwords."""
CACHED = {"static", "site.robots", "site.theme", "openid.configuration", "openid.keys", "ent.metadata"}
LEAVING = {"login.log_out", "account.log_out_everywhere", "logout_asked.confirm", "ent_logout.confirm"}
OF_SERVICES = (
    "parent_portal.openid.machines.token",
    "parent_portal.openid.machines.person",
    "parent_portal.openid.authorization.ask_by_form",
    "parent_portal.openid.ending.ask_by_form",
    "parent_portal.views.sms_receipts.take",
)
"""Téléservices send the first four: two prove themselves otherwise, two only lead to a page. A gateway sends the last,
and shows its secret."""

csrf = CSRFProtect()


def secure(app: Flask, settings: Settings) -> None:
    """Set the cookie, the size and hosts listened to, the protection of forms and the headers."""
    site = Site(settings.public_portal_url, "portal", "portail", LARGEST_REQUEST, OWN_FILES_ONLY, "no-referrer")
    security.secure(app, settings, site, cached=CACHED, leaving=LEAVING)
    # It compares the Referer, which our own policy withholds.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    csrf.init_app(app)
    for view in OF_SERVICES:
        csrf.exempt(view)
