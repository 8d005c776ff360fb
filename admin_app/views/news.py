"""« Quoi de neuf »: since one's last visit, in the application and in the establishment; then the whole change log."""

from functools import lru_cache

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from admin_app.access import Need, is_open, school_id
from admin_app.installation import session
from admin_app.news import LAST, entries_for_visitor, is_new
from admin_app.page import Page, expose
from admin_app.visitors import own_staff
from shared import clock
from shared.config import PACKAGE_ROOT
from shared.models.staff import Staff
from shared.staff.news import happened_since, mark_read

CHANGELOG = PACKAGE_ROOT / "CHANGELOG.md"


class NewsPage(Page):
    """What is new to the visitor, what is not any more, and everything that ever changed."""

    name, path, place, need, listed = "Quoi de neuf", "/quoi-de-neuf", "news", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """What the visitor has not read, then the rest."""
        staff, entries = own_staff(), entries_for_visitor()
        return self.render(
            "admin/news.html",
            new=[entry for entry in entries if is_new(entry, staff)],
            known=[entry for entry in entries if not is_new(entry, staff)],
            happened=happened_since(session(), school_id(), staff, clock.now()) if is_open(Need.HEAD) else None,
            since=staff.news_seen_at,
        )

    @expose("/", methods=("POST",))
    def read(self) -> ResponseReturnValue:
        """All of it was read."""
        mark_read(session().get_one(Staff, own_staff().id), LAST, clock.now())
        flash("C'est noté : seul ce qui vient après sera nouveau.", "success")
        return redirect(url_for("news.index"), 303)

    @expose("/tout")
    def all(self) -> ResponseReturnValue:
        """The change log."""
        return self.render("admin/news_all.html", log=_log())


@lru_cache(maxsize=1)
def _log() -> Markup:
    # Ours, and read without HTML of its own all the same.
    return Markup(MarkdownIt("commonmark", {"html": False}).render(CHANGELOG.read_text("utf-8")))  # noqa: S704 - our own text
