"""Forms of the back office: what is typed, as the rules take it. What a value may be is said by the rules, not here."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField

from shared.web.headers import row_number

NOT_TICKED = (False, "false", "", "non")


Kind = TypeVar("Kind", bound=StrEnum)


def one_of(kind: type[Kind], typed: str, otherwise: Kind) -> Kind:
    """The one that was chosen; `otherwise` where it is none of them."""
    return kind(typed) if typed in set(kind) else otherwise


def numbered(typed: str) -> int | None:
    """The number of the row that was chosen; None where it is none that a column could hold."""
    try:
        return row_number(typed)
    except ValueError:
        return None


class TypedField(StringField):
    """A text as it was typed; empty where nothing came, so that no rule meets None."""

    data: str

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the first of the values sent under this name; none is an empty text."""
        self.data = valuelist[0] if valuelist else ""


class VersionedForm(FlaskForm):
    """What is typed of something that several people may edit."""

    version = HiddenField()
    """As it was shown; empty for something new."""

    def seen_version(self) -> int:
        """The version that was shown; 0, which nothing has, when that makes no sense."""
        return numbered(self.version.data or "") or 0
