"""What every view of the back office is made of."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flask.typing import ResponseReturnValue
from flask_admin import BaseView, expose

from admin_app.access import Requirement, is_open
from shared.accounts.ties.powers import Power

__all__ = ["Page", "expose"]


class Page(BaseView):
    """One entry of the menu, and the pages behind it.

    A subclass says its name, its address, its place in the menu and what opens it; the last is what `access` asks for
    before every request.
    """

    name: str
    path: str
    place: str
    """Name of the view in `url_for`."""
    need: Requirement
    menu_category: str | None = None
    listed = True
    powers: ClassVar[Mapping[str, frozenset[Power]]] = {}
    """What each of its views, by name, does with accounts or tells of them: the matrix of ties says where it may (R4).

    A view that reads accounts and is not named here fails a test.
    """

    def __init__(self) -> None:
        super().__init__(name=self.name, category=self.menu_category, endpoint=self.place, url=self.path)

    def is_accessible(self) -> bool:
        """Whether the visitor may open it: the menu shows no other."""
        return is_open(self.need)

    def is_visible(self) -> bool:
        """Whether the menu ever shows it."""
        return self.listed

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> ResponseReturnValue:  # noqa: ANN401 - as Flask-Admin calls it
        # Flask-Admin runs a view a second time when it raised TypeError, which would hide our own mistakes.
        answer: ResponseReturnValue = fn(self, *args, **kwargs)
        return answer
