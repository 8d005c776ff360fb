"""A table of the back office: Flask-Admin's model view, scoped, paged by key, exported as a stream, written by rules.

Flask-Admin reads the declaration (`column_list`, `column_sortable_list`, `column_filters`, `@action`…) and makes the
page; what it does with rows is replaced here, once, because each of its doors would otherwise need its own guard
(`docs/decisions/tables.md`).
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.model.base import ViewArgs
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Select, and_, inspect, or_, select
from sqlalchemy.orm import Session

from admin_app.access import Need, school_id
from admin_app.installation import session
from admin_app.page import Page
from admin_app.tables.addressed import DESCENDING, ROWS, AddressedView
from admin_app.tables.ticks import ticked_numbers
from admin_app.templating import day, instant
from admin_app.ui.downloads import Format, download
from admin_app.ui.labels import word
from admin_app.ui.print_mode import page_rows
from shared.database import Base
from shared.rows.folded import says
from shared.rows.sorted_paging import Place, Slice, SortKey, read_page, sort_keys
from shared.spreadsheets import Sheet, Value
from shared.web.headers import row_number

ROWS_AT_ONCE = 1_000
"""Of an export: one query for as many."""
MOST_TICKED = 400
AFTER, BEFORE = "apres", "avant"


class UnscopedTable(TypeError):
    """A table that is not for the académie alone does not say which column holds the establishment of a row."""


class _SessionOfRequest:
    """Where Flask-Admin would look for a session; what it would do with one is done by `TableView`."""

    session = staticmethod(session)


class TableView(Page, AddressedView):
    """One table. A subclass declares its model and columns as for any view of Flask-Admin, and `owner`.

    Every row that any door shows, exports or acts upon comes from `rows`.
    """

    model: type[Base]
    owner: ClassVar[str | None] = None
    """The column that holds the establishment of a row; none for tables that only the académie opens."""
    heading: ClassVar[str]
    """What the page is called, above the table."""
    empty: ClassVar[str] = "Il n'y a rien dans cette liste pour l'instant."
    nothing_found: ClassVar[str] = "Rien ne correspond"
    """Where something narrows the list and nothing is left."""
    file_name: ClassVar[str]
    """What an exported file is named after."""

    wide_columns: ClassVar[Sequence[str]] = ()
    """Those whose words are broken anywhere: addresses of the web."""

    number_columns: ClassVar[Sequence[str]] = ()
    """Those of numbers to be compared, which stand under each other."""
    table_class: ClassVar[str] = ""
    """How the theme shows the table, beside what it does with every one."""

    list_template = "admin/table.html"
    column_display_actions = False
    """Whether rows have buttons of their own, which the template of the subclass draws in its block `row_buttons`."""
    simple_list_pager = True
    """No page counts the table."""
    page_size = 50
    can_set_page_size = True
    page_size_options = (20, 50, 100, 200)
    can_export = True
    export_types = tuple(Format)
    form = FlaskForm
    """Without fields: Flask-Admin builds none from the columns, so that no column is written but by a rule."""
    column_type_formatters: ClassVar[Mapping[type, Any]] = {
        bool: lambda _view, value, _name: "oui" if value else "non",
        datetime: lambda _view, value, _name: instant(value),
        date: lambda _view, value, _name: day(value),
        enum.StrEnum: lambda _view, value, _name: word(value),
        type(None): lambda *_: "",
    }
    column_type_formatters_export: ClassVar[Mapping[type, Any]] = {}
    """Values leave as they are: the sheet spells them."""

    # Flask-Admin's other doors are not built. Rows are read in the list and written at addresses of ours, by rules.
    create_view = edit_view = delete_view = details_view = ajax_lookup = ajax_update = None
    action_delete = None

    def __init__(self) -> None:
        if self.owner is None and self.need is not Need.ACADEMY:
            raise UnscopedTable(type(self).__name__)
        [key] = inspect(self.model).primary_key
        self.number: Any = getattr(self.model, str(key.key))
        ModelView.__init__(
            self,
            self.model,
            _SessionOfRequest(),
            name=self.name,
            category=self.menu_category,
            endpoint=self.place,
            url=self.path,
        )

    def rows(self) -> Select[Any]:
        """Every row that the visitor may know of, in the establishment chosen; what is shown beside them joined."""
        everything = select(self.model)
        return everything if self.owner is None else everything.where(getattr(self.model, self.owner) == school_id())

    def usual_order(self) -> Sequence[SortKey]:
        """How rows are sorted as long as nobody asks otherwise."""
        return (SortKey(self.number),)

    def beside(self, rows: Sequence[Any]) -> dict[str, Any]:
        """What the template shows beside the rows of one page, read for all of them at once."""
        return {}

    def found_by(self, text: str) -> ColumnElement[bool]:
        """Whether a row is found by `text`: each of its words is somewhere in one of the columns searched."""
        columns = self.column_searchable_list or ()
        return and_(*(or_(*(says(one, part) for one in columns)) for part in text.split()))

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """The page of the list, as narrowed and sorted by its address."""
        return self.index_view()

    def index_view(self) -> str:
        """The list, as Flask-Admin makes it; `index` is its address."""
        page: str = super().index_view()
        return page

    @expose("/export/<string:export_type>/", methods=("POST",))
    def export(self, export_type: str) -> ResponseReturnValue:
        """All that the address narrows the list to, as a file; a button rather than a link, which the journal notes."""
        if not self.can_export or export_type not in self.export_types:
            abort(404)
        return self.exported(Format(export_type))

    def exported(self, wanted: Format) -> ResponseReturnValue:
        """All the rows that the list holds, as a file."""
        asked = self._get_list_extra_args()
        rows, keys = self._selected(asked.search, asked.filters or ()), self._sorted(asked)
        titles = [title for _, title in self._export_columns]
        return download(
            self.file_name,
            self.heading,
            wanted,
            lambda reading: Sheet(titles, self._values(reading, rows, keys)),
            of_school=self.owner is not None,
        )

    @expose("/action/", methods=("POST",))
    def action_view(self) -> ResponseReturnValue:
        """Do something to the rows that were ticked, after a page that says what, where the action asks."""
        name = request.form.get("action", "")
        if name not in self._actions_data or not self.is_action_allowed(name):
            abort(404)
        act, text, question = self._actions_data[name]
        rows, back = self.ticked(), self._get_list_url(self._get_list_extra_args())
        if not rows:
            flash("Cochez au moins une ligne, puis recommencez.", "error")
            return redirect(back, 303)
        if question and "confirme" not in request.form:
            return self.render(
                "admin/table_action.html", rows=rows, action=name, text=text, question=question, back=back
            )
        act(rows)
        return redirect(back, 303)

    def get_one(self, id: Any) -> Any:
        """The row numbered so; what is not one of `rows` is not found."""
        [row] = self._numbered([id])
        return row

    def ticked(self) -> Sequence[Any]:
        """The rows that the form names; a single one that is not one of `rows` is not found, nor are the others."""
        return self._numbered(request.form.getlist("rowid"))

    def get_query(self) -> Select[Any]:
        """What Flask-Admin asks for rows."""
        return self.rows()

    def get_count_query(self) -> None:
        """None: a list paged by key counts nothing."""

    def init_search(self) -> bool:
        """Whether the page has a box to search."""
        return bool(self.column_searchable_list)

    def get_sortable_columns(self) -> dict[str, ColumnElement[Any]]:
        """The columns that can be sorted by: those of the model by name, others beside their name."""
        listed = self.column_sortable_list or ()
        return dict(one if isinstance(one, tuple) else (one, getattr(self.model, one)) for one in listed)

    def get_safe_page_size(self, page_size: int | None) -> int:
        """How many rows a page has: one of the sizes offered, or as many as paper takes."""
        wanted: int = super().get_safe_page_size(page_size)
        return page_rows(wanted)

    def get_list(
        self,
        page: int | None,
        sort_column: str | None,
        sort_desc: bool,
        search: str | None,
        filters: Sequence[Any] | None,
        execute: bool = True,
        page_size: int | None = None,
    ) -> tuple[None, list[Any]]:
        """One page, from beside the row that the address names."""
        asked = self._get_list_extra_args()
        place = Place(request.args.get(AFTER, None, row_number), request.args.get(BEFORE, None, row_number))
        rows = self._selected(search, filters or ())
        found: Slice[Any] = read_page(
            session(), rows, self.number, self._sorted(asked), place, page_size or self.page_size
        )
        self._template_args.update(self._around(found, asked), **self.beside(found.rows))
        return None, found.rows

    def _selected(self, search: str | None, filters: Sequence[Any]) -> Select[Any]:
        rows = self.rows()
        if search and self.column_searchable_list:
            rows = rows.where(self.found_by(search))
        for place, _, value in filters:
            narrowing = self._filters[place]
            rows = narrowing.apply(rows, narrowing.clean(value))
        return rows

    def _sorted(self, asked: ViewArgs) -> Sequence[SortKey]:
        named = self._get_column_by_idx(asked.sort)
        column = self._sortable_columns.get(named[0]) if named else None
        if column is None:
            return self.usual_order()
        return sort_keys(column, descending=asked.sort_desc, may_be_empty=_may_be_empty(column))

    def _around(self, found: Slice[Any], asked: ViewArgs) -> dict[str, Any]:
        in_address, here = self._in_address(asked), f"{self.place}.index"
        narrowed = {name: value for name, value in in_address.items() if name not in {"sort", DESCENDING, ROWS}}
        return {
            "previous_url": url_for(here, **{**in_address, BEFORE: found.previous}) if found.previous else None,
            "next_url": url_for(here, **{**in_address, AFTER: found.next}) if found.next else None,
            "in_address": in_address,
            "is_narrowed": bool(narrowed),
            "narrowed_in_words": list(self._in_words(asked)),
            "kept_fields": {name: value for name, value in in_address.items() if name not in narrowed},
        }

    def _values(self, reading: Session, rows: Select[Any], keys: Sequence[SortKey]) -> Iterator[list[Value]]:
        after: int | None = None
        while True:
            found: Slice[Any] = read_page(reading, rows, self.number, keys, Place(after), ROWS_AT_ONCE)
            for row in found.rows:
                yield [self.get_export_value(row, name) for name, _ in self._export_columns]
            after = found.next
            if after is None:
                return

    def _numbered(self, numbers: Sequence[Any]) -> Sequence[Any]:
        wanted = ticked_numbers(numbers, MOST_TICKED)
        if not wanted:
            return []
        found = session().scalars(self.rows().where(self.number.in_(wanted))).unique().all()
        if len(found) != len(wanted):
            abort(404)
        return found


def _may_be_empty(column: Any) -> bool:
    return bool(getattr(column.expression if hasattr(column, "expression") else column, "nullable", True))
