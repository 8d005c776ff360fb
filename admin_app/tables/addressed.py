"""What narrows and sorts a table, as the address of its page says it: Flask-Admin's list with words for names."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flask import request, url_for
from flask_admin.contrib.sqla import ModelView
from flask_admin.model.base import ViewArgs
from werkzeug.datastructures import MultiDict

from admin_app.tables.filters import LONGEST_TEXT, TableFilter
from admin_app.templating import day
from shared.web.headers import row_number

SEARCH, DESCENDING, ROWS = "q", "desc", "page_size"


class AddressedView(ModelView):
    """Reads what is asked of a list in its address, writes it in links, and says it in words.

    Flask-Admin numbers its filters in addresses, and carries there whatever it was given.
    """

    place: str
    """The name of the page among the views."""

    def given(self) -> MultiDict[str, str]:
        """Where what narrows and sorts the list is read: the address, whatever form was sent to it."""
        return request.args

    def get_filter_arg(self, index: int, flt: TableFilter) -> str:
        """The word that a filter has in the address."""
        return flt.argument

    def get_invalid_value_msg(self, value: str, filter: TableFilter) -> str:
        """What is said of a value that a filter cannot take."""
        return f"« {value[:LONGEST_TEXT]} » n'est pas une valeur du filtre « {filter.name} » : il est laissé de côté."

    def _refresh_filters_cache(self) -> None:
        # Flask-Admin would ask each filter for its choices when the application starts; some are read in the database.
        self._filters = self.get_filters() or []
        self._filter_groups = self._filter_args = None

    def _get_list_filter_args(self) -> list[tuple[int, str, str]]:
        kept, problems = [], []
        for place, narrowing in enumerate(self._filters):
            value = self.given().get(narrowing.argument, "")
            if not value.strip():
                continue
            if narrowing.validate(value):
                kept.append((place, narrowing.name, value))
            else:
                problems.append(self.get_invalid_value_msg(value, narrowing))
        self._template_args["problems"] = problems
        return kept

    def _get_list_extra_args(self) -> ViewArgs:
        # Nothing else of the address goes into the links of the page: `url_for` obeys some names, `_scheme` among them.
        given = self.given()
        return ViewArgs(
            page_size=given.get(ROWS, 0, row_number),
            sort=given.get("sort", None, row_number),
            sort_desc=given.get(DESCENDING) == "1",
            search=given.get(SEARCH, "").strip()[:LONGEST_TEXT],
            filters=self._get_list_filter_args(),
        )

    def _get_list_url(self, view_args: ViewArgs) -> str:
        return url_for(f"{self.place}.index", **self._in_address(view_args))

    def _in_address(self, asked: ViewArgs) -> dict[str, Any]:
        """What narrows and sorts the list, as links carry it."""
        size = asked.page_size if asked.page_size in self.page_size_options else None
        values = {
            SEARCH: asked.search,
            "sort": asked.sort,
            DESCENDING: 1 if asked.sort_desc else None,
            ROWS: size if size != self.page_size else None,
            **self._get_filters(asked.filters),
        }
        return {name: value for name, value in values.items() if value is not None}

    def _get_filters(self, filters: Sequence[Any] | None) -> dict[str, str]:
        return {self._filters[place].argument: value for place, _, value in filters or ()}

    def _in_words(self, asked: ViewArgs) -> Iterator[str]:
        """What narrows the list, for the page and for paper."""
        if asked.search:
            yield f"« {asked.search} »"
        for place, name, value in asked.filters or ():
            narrowing = self._filters[place]
            choices = dict(narrowing.get_options(self) or ())
            yield name if narrowing.data_type == "tick" else f"{name} : {choices.get(value, _spelled(value))}"


def _spelled(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value
