"""« Journal »: what staff did in the establishment (R27)."""

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import Need, school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from shared.journal import PAGE, events_of_establishment

OF_EACH_ACCOUNT = ("account_generated", "account_kept", "account_notified", "account_expired")
"""Written once for each account when many change at once; what was asked for has its own event."""


class JournalPage(Page):
    """The events of the establishment, for its head."""

    name, path, place, need = "Journal", "/journal", "journal", Need.HEAD

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Newest first, by pages."""
        before, everything = request.args.get("avant", None, int), "tout" in request.args
        without = () if everything else OF_EACH_ACCOUNT
        found = events_of_establishment(session(), school_id(), without=without, before_id=before, limit=PAGE + 1)
        next_key = found[PAGE - 1].id if len(found) > PAGE else None
        return self.render(
            "admin/journal.html",
            events=found[:PAGE],
            everything=everything,
            is_first=before is None,
            next_key=next_key,
        )
