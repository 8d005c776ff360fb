"""« Quoi de neuf »: the CHANGELOG, which is written in the words of those who use the application."""

from functools import lru_cache

from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from admin_app.access import Need
from admin_app.page import Page, expose
from shared.config import PACKAGE_ROOT

CHANGELOG = PACKAGE_ROOT / "CHANGELOG.md"


class NewsPage(Page):
    """What changed, newest first."""

    name, path, place, need, listed = "Quoi de neuf", "/quoi-de-neuf", "news", Need.OWN_PASSWORD, False

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """All of it."""
        return self.render("admin/news.html", news=_news())


@lru_cache(maxsize=1)
def _news() -> Markup:
    # Ours, and read without HTML of its own all the same.
    return Markup(MarkdownIt("commonmark", {"html": False}).render(CHANGELOG.read_text("utf-8")))  # noqa: S704
