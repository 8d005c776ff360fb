"""What the académie decides for everybody, and how far its schools are, counted day by day."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of


class FactorRequired(enum.StrEnum):
    """Of whom a second factor is required, beside the administrators of the académie."""

    NOBODY = "nobody"
    HEADS = "heads"
    EVERYBODY = "everybody"


class SecurityPolicy(Base):
    """How one comes in: one row, or none while nothing was decided."""

    __tablename__ = "security_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    factor_required: Mapped[FactorRequired] = mapped_column(
        one_of(FactorRequired, "factor_required"), default=FactorRequired.NOBODY, server_default="nobody"
    )
    tells_of_new_devices: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether families, and staff who gave an address, are mailed of a browser not seen before."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""


_LATEST: dict[str, Any] = {"sqlite_where": text("is_latest = 1"), "postgresql_where": text("is_latest")}


class SchoolFigures(Base):
    """How far one school was on one day; its guardians alone. The last row of each school is what pages show.

    Nothing in it may be empty, so that each column can be sorted by from an index.
    """

    __tablename__ = "school_figures"
    __table_args__ = (
        UniqueConstraint("establishment_id", "day"),
        Index("ix_school_figures_day", "day"),
        Index("ix_school_figures_latest", "establishment_id", unique=True, **_LATEST),
        *(
            Index(f"ix_school_figures_{column}", column, "id", **_LATEST)
            for column in (
                *("uai", "name", "imported_at", "accounts"),
                *("notified", "active", "rate", "duplicates", "failures"),
            )
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    is_latest: Mapped[bool] = mapped_column()
    """Of one row of each school."""
    uai: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    """As it was on that day."""
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When a file was last taken in; 1970 for a school of which none was."""
    accounts: Mapped[int] = mapped_column()
    """Those that count, disabled and merged ones left out."""
    notified: Mapped[int] = mapped_column()
    """Of these, those that were notified."""
    active: Mapped[int] = mapped_column()
    """Of these, those that are used."""
    rate: Mapped[int] = mapped_column()
    """The used ones, in hundredths, rounded down."""
    duplicates: Mapped[int] = mapped_column()
    """Likely ones that nobody treated."""
    failures: Mapped[int] = mapped_column()
    """Notifications that failed, of persons still to be reached."""


class AcademyFigures(Base):
    """All schools together on one day, as they were last counted."""

    __tablename__ = "academy_figures"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    schools: Mapped[int] = mapped_column()
    imported: Mapped[int] = mapped_column()
    """Schools of which files were taken in."""
    with_accounts: Mapped[int] = mapped_column()
    """Schools that have accounts: those that the means are of."""
    accounts: Mapped[int] = mapped_column()
    notified: Mapped[int] = mapped_column()
    active: Mapped[int] = mapped_column()
    duplicates: Mapped[int] = mapped_column()
    failures: Mapped[int] = mapped_column()
    notified_mean: Mapped[int] = mapped_column()
    """The mean of the rates of schools, each counting once, in hundredths."""
    active_mean: Mapped[int] = mapped_column()
