"""What machines ask for."""

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from admin_app.access import Need
from admin_app.installation import installation, session
from admin_app.page import Page, expose
from shared import clock
from shared.web.security_txt import security_txt

PLAIN = "text/plain; charset=utf-8"


class HealthPage(Page):
    """Whether the back office answers, and its database too."""

    name, path, place, need, listed = "Santé", "/sante", "health", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """One line for a probe."""
        try:
            session().execute(text("SELECT 1"))
        except SQLAlchemyError:
            return Response("base de données injoignable\n", 503, content_type=PLAIN)
        return Response("ok\n", content_type=PLAIN)


class SecurityContactPage(Page):
    """Where flaws are reported (RFC 9116)."""

    name, path, place, need, listed = "Signaler une faille", "/.well-known", "security_contact", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Flask-Admin wants a first page."""
        return redirect(url_for("security_contact.contact"), 303)

    @expose("/security.txt")
    def contact(self) -> ResponseReturnValue:
        """A few lines for whoever found one."""
        settings = installation().settings
        said = security_txt(settings, settings.public_admin_url, clock.now()) or abort(404)
        return Response(said, content_type=PLAIN)
