"""What is asked of every site: where flaws are reported (RFC 9116), and where a password is changed."""

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.installation import installation
from admin_app.page import Page, expose
from shared import clock
from shared.web.security_txt import security_txt

PLAIN = "text/plain; charset=utf-8"


class SecurityContactPage(Page):
    """Where flaws are reported (RFC 9116)."""

    name, path, place, need, listed = "Signaler une faille", "/.well-known", "security_contact", Need.NOTHING, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Flask-Admin wants a first page."""
        return redirect(url_for("security_contact.contact"), 303)

    @expose("/change-password")
    def change_password(self) -> ResponseReturnValue:
        """Where password managers lead to when they find a password weak, leaked or used elsewhere."""
        return redirect(url_for("password.index"), 303)

    @expose("/security.txt")
    def contact(self) -> ResponseReturnValue:
        """A few lines for whoever found one."""
        settings = installation().settings
        said = security_txt(settings, settings.public_admin_url, clock.now()) or abort(404)
        return Response(said, content_type=PLAIN)
