"""The menu above the tabs, on every page: « Accueil, Aide, Impression, Quoi de neuf », as the procedure shows it."""

from typing import Any

from flask import Flask, current_app, request, url_for

from admin_app.access import Need, is_open, need_of
from admin_app.news import count_new
from admin_app.page import Page
from admin_app.ui.help import topic_of
from admin_app.ui.print_mode import PRINTED_ROWS, is_printed, printed_address, screen_address
from admin_app.visitors import own_staff
from shared import clock


def prepare_beside(app: Flask) -> None:
    """Give the templates this menu, and the two versions of the page, for the screen and for paper."""
    app.jinja_env.globals.update(
        beside_menu=beside_menu,
        opens=opens,
        now=clock.now,
        printed_address=printed_address,
        screen_address=screen_address,
        printed_rows=PRINTED_ROWS,
        unread_news=unread_news,
    )

    @app.context_processor
    def version() -> dict[str, Any]:
        return {"is_printed": is_printed()}


def beside_menu(here: Page | None) -> list[tuple[str | None, str, bool]]:
    """Address and label of each entry, and whether it is the page being looked at; « Aide » is about that page.

    What answers a form may never be shown again, a password for instance: « Impression » has no address there, and
    prints what is on the screen.
    """
    place = here.endpoint if here else ""
    return [
        (url_for("admin.index"), "Accueil", place == "admin"),
        (url_for("help.show", topic=topic_of(place).code), "Aide", place == "help"),
        (printed_address() if request.method == "GET" else None, "Impression", is_printed()),
        (url_for("news.index"), "Quoi de neuf", place == "news"),
    ]


def unread_news() -> int:
    """How many entries of « Quoi de neuf » the visitor has not read; none is counted before the login is safe."""
    return count_new(own_staff()) if is_open(Need.OWN_PASSWORD) else 0


def opens(place: str) -> bool:
    """Whether the visitor may open a page, known by the name of its view."""
    need = need_of(current_app, f"{place}.index")
    return need is not None and is_open(need)
