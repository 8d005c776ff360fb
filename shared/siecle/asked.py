"""What is asked of an import, and what follows it while it goes on."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from shared import clock
from shared.journal import Actor
from shared.siecle.report import ImportReport

OnApplied = Callable[[Session, ImportReport], None]
"""Called in the transaction of the import, just before it is committed."""
Bounds = Callable[[], AbstractContextManager[None]]
"""What limits the time and the memory of whatever is done within."""
Progress = Callable[[int], None]
"""Told, now and then, how many records were read so far."""


@dataclass(frozen=True)
class Asked:
    """Who asks for an import, when, and what was confirmed of it."""

    actor: Actor
    now: datetime
    uai: str | None = None
    """The school that the files must be of; None takes the one they name."""
    accept_older: bool = False
    """Files exported before the last ones imported are taken too."""
    accept_losses: bool | str = False
    """True for whatever is lost, or the mark of what was confirmed (R32); a dry run needs neither."""
    dry_run: bool = False
    """The same change is made, and undone."""
    time_zone: str = clock.TIME_ZONE
    """Which day it is there counts."""
    announce: bool = False
    """The school is told by mail of the duplicates that were not known (R14)."""

    @property
    def today(self) -> date:
        """The day it is in the académie."""
        return clock.local_date(self.now, self.time_zone)


@dataclass(frozen=True)
class Steps:
    """What is done as an import goes on, beside it."""

    progress: Progress = lambda _count: None
    """Told how many records were read; it may write through another connection."""
    on_applied: OnApplied = lambda _session, _report: None
    """Stands or falls with the import, and is not called in a dry run."""
    bounds: Bounds = nullcontext
    """What the reading is done within."""


UNSEEN = Steps()
"""Nothing is done beside the import."""
