"""« Journal »: what staff did in the establishment (R27)."""

from flask import request
from flask.typing import ResponseReturnValue

from admin_app.access import Need, school_id
from admin_app.installation import session
from admin_app.page import Page, expose
from shared.journal import PAGE, events_of_establishment


class JournalPage(Page):
    """The events of the establishment, for its head."""

    name, path, place, need = "Journal", "/journal", "journal", Need.HEAD

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Newest first, by pages."""
        before = request.args.get("avant", None, int)
        found = events_of_establishment(session(), school_id(), before_id=before, limit=PAGE + 1)
        next_key = found[PAGE - 1].id if len(found) > PAGE else None
        return self.render("admin/journal.html", events=found[:PAGE], is_first=before is None, next_key=next_key)
