"""What machines ask for."""

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from admin_app.access import Need
from admin_app.installation import session
from admin_app.page import Page, expose

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
