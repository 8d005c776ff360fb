"""What narrows a table: each filter is one control of the page and one word of the address, `?public=students`."""

import enum
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from sqlalchemy import ColumnElement, Select

from admin_app.installation import installation
from admin_app.ui.labels import word
from shared import clock
from shared.web.headers import typed_day

LONGEST_TEXT = 100

Choices = Iterable[tuple[str, str]]


class TableFilter(BaseSQLAFilter):
    """One control: `argument` is its name in the address, `name` its label, `data_type` how the page draws it."""

    def __init__(self, argument: str, name: str, column: Any = None, data_type: str = "text") -> None:
        super().__init__(column, name, None, data_type)
        self.argument = argument

    def operation(self) -> str:
        """What Flask-Admin would write between the name and the value; the label says it here."""
        return ""

    def condition(self, value: Any) -> ColumnElement[bool]:
        """Whether a row is kept, for a value that `clean` returned."""
        raise NotImplementedError

    def apply(self, query: Select[Any], value: Any, alias: Any = None) -> Select[Any]:
        """The rows of `query` that the filter keeps."""
        return query.where(self.condition(value))


class OneOf(TableFilter):
    """One of some choices. What is not among them is no filter: the page says so and shows everything."""

    def __init__(
        self,
        argument: str,
        name: str,
        choices: Callable[[], Choices],
        condition: Callable[[str], ColumnElement[bool]],
    ) -> None:
        super().__init__(argument, name, data_type="choice")
        self._choices, self._condition = choices, condition

    def get_options(self, view: Any = None) -> list[tuple[str, str]]:
        """The choices now, each with its label."""
        return list(self._choices())

    def clean(self, value: str) -> str:
        """The choice.

        Raises:
            ValueError: it is none of them.
        """
        if value not in dict(self._choices()):
            raise ValueError
        return value

    def condition(self, value: str) -> ColumnElement[bool]:
        """Whether a row has the value that was asked for."""
        return self._condition(value)


def one_of_enum(argument: str, name: str, column: Any, words: type[enum.StrEnum]) -> OneOf:
    """One value of a column that holds an enumeration, by its word."""
    return OneOf(
        argument,
        name,
        lambda: [(one.value, word(one)) for one in words],
        lambda value: column == words(value),
    )


class Matching(TableFilter):
    """A text to be found, in the way that `found` says."""

    def __init__(self, argument: str, name: str, found: Callable[[str], ColumnElement[bool]], hint: str = "") -> None:
        super().__init__(argument, name)
        self._found, self.hint = found, hint

    def clean(self, value: str) -> str:
        """The text, without blanks around it.

        Raises:
            ValueError: there is none.
        """
        text = value.strip()[:LONGEST_TEXT]
        if not text:
            raise ValueError
        return text

    def condition(self, value: str) -> ColumnElement[bool]:
        """Whether a row has the value that was asked for."""
        return self._found(value)


class Day(TableFilter):
    """Rows from a day on, or until one, that day included, by the clocks of the académie."""

    def __init__(self, argument: str, name: str, column: Any, *, is_last: bool = False) -> None:
        super().__init__(argument, name, column, "day")
        self._is_last = is_last

    def clean(self, value: str) -> date:
        """The day.

        Raises:
            ValueError: it is none.
        """
        return typed_day(value)

    def condition(self, value: date) -> ColumnElement[bool]:
        """Whether a row is of that day or on the right side of it."""
        time_zone = installation().settings.time_zone
        if self._is_last:
            kept: ColumnElement[bool] = self.column < clock.start_of_day(value + timedelta(days=1), time_zone)
        else:
            kept = self.column >= clock.start_of_day(value, time_zone)
        return kept


class Tick(TableFilter):
    """A box: ticked, it keeps the rows that `kept` describes, or all of them when it only tells the view something."""

    def __init__(self, argument: str, name: str, kept: Callable[[], ColumnElement[bool]] | None = None) -> None:
        super().__init__(argument, name, data_type="tick")
        self._kept = kept

    def clean(self, value: str) -> str:
        """The value as it is: whatever is written, the box is ticked."""
        return value

    def apply(self, query: Select[Any], value: Any, alias: Any = None) -> Select[Any]:
        """The rows that it keeps."""
        return query if self._kept is None else query.where(self._kept())
