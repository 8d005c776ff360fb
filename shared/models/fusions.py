"""What staff decided about duplicates: fiches fused into one, fiches of two persons, and what undoes it (R13)."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from shared.database import Base, UtcDateTime
from shared.models.accounts import AccountState
from shared.models.columns import one_of

STANDING = text("undone_at IS NULL")


class FusionLot(Base):
    """Several fusions asked for at once: every pair at or over a confidence."""

    __tablename__ = "fusion_lot"
    __table_args__ = (Index("ix_fusion_lot_establishment_id_id", "establishment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    confidence: Mapped[float] = mapped_column()
    """From 0 to 1: the least that staff chose."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(200))


class Fusion(Base):
    """Fiches of one person made one: which is kept, and which fiche each part of it is taken from."""

    __tablename__ = "fusion"
    __table_args__ = (
        ForeignKeyConstraint(
            ["establishment_id", "kept_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by"),
        Index("ix_fusion_establishment_id_id", "establishment_id", "id"),
        Index("ix_fusion_kept_id", "kept_id"),
        Index("ix_fusion_lot_id", "lot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    kept_id: Mapped[int] = mapped_column()
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("fusion_lot.id", ondelete="CASCADE"))
    choices: Mapped[dict[str, int]] = mapped_column(JSON)
    """For each part of a fiche (`duplicates.standing.records`), the number of the fiche that it is taken from."""
    kept_account_kept: Mapped[bool] = mapped_column()
    """`Guardian.account_kept` of the fiche kept, before."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(200))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(200))


class AccountFate(enum.StrEnum):
    """What a fusion did with the account of a fiche absorbed."""

    MOVED = "moved"
    """The fiche kept had none: it has this one now."""
    DISABLED = "disabled"
    """Nobody had activated it, and the fiche kept has its own."""
    DETACHED = "detached"
    """It serves other fiches, or the fiche kept as well: it is left as it is."""


class FusedFiche(Base):
    """A fiche absorbed by a fusion, and what became of its account and its notifications."""

    __tablename__ = "fused_fiche"
    __table_args__ = (
        Index("ix_fused_fiche_guardian_id", "guardian_id"),
        Index("ix_fused_fiche_account_id", "account_id"),
    )

    fusion_id: Mapped[int] = mapped_column(ForeignKey("fusion.id", ondelete="CASCADE"), primary_key=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_fate: Mapped[AccountFate | None] = mapped_column(one_of(AccountFate, "account_fate"))
    account_state: Mapped[AccountState | None] = mapped_column(one_of(AccountState, "account_state"))
    """The state of an account that the fusion disabled, before."""
    account_expires_on: Mapped[date | None] = mapped_column()
    notification_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    """The notifications that moved to the fiche kept."""


class SetAsideWait(Base):
    """What the fiche kept by a fusion had been refused before, where the fusion lets it wait for another account.

    Undoing the fusion brings it back: what a family answered is not forgotten (R4).
    """

    __tablename__ = "set_aside_wait"
    __table_args__ = (
        Index("ix_set_aside_wait_guardian_id", "guardian_id"),
        Index("ix_set_aside_wait_tie_id", "tie_id"),
        Index("ix_set_aside_wait_brought_by_id", "brought_by_id"),
    )

    fusion_id: Mapped[int] = mapped_column(ForeignKey("fusion.id", ondelete="CASCADE"), primary_key=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"))
    tie_id: Mapped[int] = mapped_column(ForeignKey("account_tie.id", ondelete="CASCADE"))
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("fusion.id", ondelete="CASCADE"))
    """The fusion before that had let it wait for this one; none where it was its own."""


class SetAsideFiche(Base):
    """What the school base says of a fiche that a standing fusion changed or hides.

    The school base is what the last import read; the fiches shown are that, and the fusions made upon it. An import
    brings these rows back, changes them as if nothing had been fused, and the fusions are made again.
    """

    __tablename__ = "set_aside_fiche"
    __table_args__ = (
        ForeignKeyConstraint(
            ["establishment_id", "guardian_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["establishment_id", "merged_into_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        CheckConstraint("merged_into_id != guardian_id", name="not_merged_into_itself"),
        Index("ix_set_aside_fiche_establishment_id", "establishment_id"),
        Index("ix_set_aside_fiche_merged_into_id", "merged_into_id"),
    )

    guardian_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    merged_into_id: Mapped[int | None] = mapped_column()
    """The fiche that is shown instead; none for that one itself."""
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    links: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    """Its guardianships, by their number, as the school base has them."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _of_two_fiches(table: str) -> tuple[SchemaItem, ...]:
    """What the database checks of a decision about two fiches: of one school, in order, standing once."""
    return (
        ForeignKeyConstraint(
            ["establishment_id", "first_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["establishment_id", "second_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        CheckConstraint("first_id < second_id", name="in_order"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="undone_by"),
        Index(
            f"uq_{table}_first_id_second_id_standing",
            "first_id",
            "second_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
        Index(f"ix_{table}_establishment_id_id", "establishment_id", "id"),
    )


class PairDecision:
    """The columns of a decision about two fiches, remembered across imports."""

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    first_id: Mapped[int] = mapped_column()
    second_id: Mapped[int] = mapped_column()
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(200))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[str | None] = mapped_column(String(200))


class DistinctFiches(PairDecision, Base):
    """« Pas un doublon »: two fiches that staff know to be two persons, remembered across imports."""

    __tablename__ = "distinct_fiches"
    __table_args__ = _of_two_fiches(__tablename__)


class Referral(enum.StrEnum):
    """Who settles a duplicate that staff cannot fuse here, because both fiches must stay."""

    PARENT = "parent"
    """The person merges the two accounts on the portal (R8)."""
    SIECLE = "siecle"
    """The school corrects its base in SIECLE, and imports it."""


class ReferredFiches(PairDecision, Base):
    """Two protected fiches of one person: out of the list of duplicates to treat, and settled elsewhere."""

    __tablename__ = "referred_fiches"
    __table_args__ = _of_two_fiches(__tablename__)

    referral: Mapped[Referral] = mapped_column(one_of(Referral, "referral"))
