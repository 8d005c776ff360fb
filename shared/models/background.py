"""What works in the background: its signs of life, and what keeps it waiting (R38)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime


class WorkerProcess(Base):
    """A worker: its row is there while it works, and is left behind by one that was killed."""

    __tablename__ = "worker_process"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Drawn when it starts."""
    host: Mapped[str] = mapped_column(String(200))
    pid: Mapped[int] = mapped_column()
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Written again every minute."""


class DailyRun(Base):
    """The daily work: one row, of the last run that came to its end."""

    __tablename__ = "daily_run"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seconds: Mapped[float] = mapped_column(Float)
    """How long it took."""


class Restoration(Base):
    """The base was put back as it had been before: nothing that waited leaves until somebody released it.

    While one stands, no mail, letter, import or erasure is begun.
    """

    __tablename__ = "restoration"
    __table_args__ = (
        CheckConstraint("first_index >= 0", name="first_index"),
        CheckConstraint("(released_at IS NULL) = (standing IS NOT NULL)", name="stands_until_released"),
        CheckConstraint("standing", name="standing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    copied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the copy was made; none where it was put back by other means than ours."""
    restored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_index: Mapped[int] = mapped_column()
    """Where series of identifiers begin from then on: those below may have been given after the copy (R2)."""
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    standing: Mapped[bool | None] = mapped_column(default=True, unique=True)
    """True until it is released, then none: one at most stands."""
