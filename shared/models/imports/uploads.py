"""Export files that staff sent, on their way into the school base."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of


class ImportState(enum.StrEnum):
    """Where an import asked for in the back office stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    IMPORTING = "importing"
    DONE = "done"
    REFUSED = "refused"
    ABANDONED = "abandoned"


class SchoolImport(Base):
    """One import asked for in the back office: its files, the dry run, the confirmation and the report."""

    __tablename__ = "school_import"
    __table_args__ = (Index("ix_school_import_establishment_id_id", "establishment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    state: Mapped[ImportState] = mapped_column(one_of(ImportState, "state"), index=True)
    file_names: Mapped[list[str]] = mapped_column(JSON)
    folder: Mapped[str] = mapped_column(String(64))
    """Name of the folder under `VAR_DIR/imports` that holds the files until the end."""
    accept_older: Mapped[bool] = mapped_column(default=False)
    accepted_losses: Mapped[str | None] = mapped_column(String(64))
    """The mark of the losses that were confirmed: others are asked about anew."""
    records_read: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    refusal: Mapped[str | None] = mapped_column(String(2000))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the present step was begun: files that kill the worker each time are refused in the end."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
