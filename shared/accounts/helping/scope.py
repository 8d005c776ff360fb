"""Where somebody of the help desk may look for accounts."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, true


@dataclass(frozen=True)
class Scope:
    """Some establishments, or all of them."""

    establishment_ids: frozenset[int] | None
    """None for the whole académie."""

    @property
    def is_everywhere(self) -> bool:
        """Whether it is the whole académie."""
        return self.establishment_ids is None

    def holds(self, establishment_id: int) -> bool:
        """Whether this establishment is one of them."""
        return self.establishment_ids is None or establishment_id in self.establishment_ids

    def condition(self, column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column, or that of an alias
        """Whether the establishment that `column` names is one of them."""
        if self.establishment_ids is None:
            return true()
        inside: ColumnElement[bool] = column.in_(sorted(self.establishment_ids))
        return inside
