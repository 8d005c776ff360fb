"""Signs of life of what works in the background (R38)."""

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
