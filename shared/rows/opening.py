"""What the académie opens and shuts: identity providers, téléservices that know families, ENTs (R34, R35)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.acting.desk import Act
from shared.models.journal import Action
from shared.rows.editing import Versioned, save_if_unchanged

Row = TypeVar("Row", bound=Versioned)


@dataclass(frozen=True)
class Openable(Generic[Row]):
    """The rows of one kind, which have `is_open`: what the journal calls it, and who writes it there."""

    opened: Action
    shut: Action
    record: Callable[[Act, Action, Row], None]

    def turn(self, act: Act, row: Row, version: int, *, opens: bool) -> None:
        """Open or shut one, at once.

        Raises:
            ChangedMeanwhile: somebody else changed it since `version` was read.
        """
        save_if_unchanged(act.session, row, version, {"is_open": opens})
        self.record(act, self.opened if opens else self.shut, row)
