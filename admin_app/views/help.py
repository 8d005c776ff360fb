"""« Aide »: the steps of the procedure, a page for each tab."""

from flask import abort
from flask.typing import ResponseReturnValue

from admin_app.access import Need
from admin_app.page import Page, expose
from admin_app.ui.help import BY_CODE, FIRST, TOPICS


class HelpPage(Page):
    """The pages of help."""

    name, path, place, need, listed = "Aide", "/aide", "help", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The first one, which leads to all others."""
        return self.show(FIRST.code)

    @expose("/<topic>/")
    def show(self, topic: str) -> ResponseReturnValue:
        """The page about one tab."""
        found = BY_CODE.get(topic)
        if found is None:
            abort(404)
        return self.render(f"admin/help/{found.code}.html", topic=found, topics=TOPICS)
