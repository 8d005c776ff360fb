"""What ties an account to an establishment: whose word it rests on, and the fiches that wait for that word (R4)."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of


class TieState(enum.StrEnum):
    """Whether an establishment is one of those of an account."""

    PROPOSED = "proposed"
    """Its files say so, and nobody else has yet: it has no power over the account."""
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    """The holder said no: it is not proposed again."""


class ConfirmedBy(enum.StrEnum):
    """Whose word a confirmed tie rests on."""

    GENERATION = "generation"
    """The establishment made the account for its own fiche."""
    FAMILY = "family"
    """The holder, once logged in."""
    DEPARTURE = "departure"
    """The base of the establishment of before, in which the student is gone."""
    ACADEMY = "academy"


_FROM_FILES = "confirmed_by IS NULL OR confirmed_by <> 'generation'"
FROM_FILES = _FROM_FILES.replace("confirmed_by", "account_tie.confirmed_by")
"""Whether the files of an establishment proposed a tie: written as the index that finds these has it."""


class AccountTie(Base):
    """One account and one establishment.

    A fiche holds an account only through a confirmed tie: triggers of the database refuse it otherwise, and tie to the
    first establishment whatever account has no tie yet.
    """

    __tablename__ = "account_tie"
    __table_args__ = (
        UniqueConstraint("account_id", "establishment_id"),
        CheckConstraint("(state = 'confirmed') = (confirmed_by IS NOT NULL)", name="confirmed_by_whom"),
        CheckConstraint("(state = 'proposed') = (settled_at IS NULL)", name="settled"),
        Index("ix_account_tie_establishment_id_state_id", "establishment_id", "state", "id"),
        # Those made with the account are nearly all: the académie looks at the others alone.
        Index(
            "ix_account_tie_from_files",
            "made_at",
            sqlite_where=text(_FROM_FILES),
            postgresql_where=text(_FROM_FILES),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    state: Mapped[TieState] = mapped_column(one_of(TieState, "state"))
    confirmed_by: Mapped[ConfirmedBy | None] = mapped_column(one_of(ConfirmedBy, "confirmed_by"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was confirmed or refused."""
    refusal_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When staff of the establishment looked at the refusal: « Accueil » counts it until then."""


class ProposedFiche(Base):
    """A fiche that would hold the account if its tie were confirmed; until then it holds none.

    The row stays when the answer was no, until the fiche has another account and staff looked at the answer.
    """

    __tablename__ = "proposed_fiche"
    __table_args__ = (
        CheckConstraint("(guardian_id IS NULL) != (student_id IS NULL)", name="one_fiche"),
        Index("ix_proposed_fiche_tie_id", "tie_id"),
        Index("ix_proposed_fiche_fusion_id", "fusion_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tie_id: Mapped[int] = mapped_column(ForeignKey("account_tie.id", ondelete="CASCADE"))
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), unique=True)
    student_id: Mapped[int | None] = mapped_column(ForeignKey("student.id", ondelete="CASCADE"), unique=True)
    fusion_id: Mapped[int | None] = mapped_column(ForeignKey("fusion.id", ondelete="CASCADE"))
    """The fusion that brought it to the fiche kept, and takes it away when it is undone."""


class MergedTie(Base):
    """A tie that a merge of accounts changed, so that undoing brings it back (R8)."""

    __tablename__ = "merged_tie"
    __table_args__ = (Index("ix_merged_tie_tie_id", "tie_id"),)

    merge_id: Mapped[int] = mapped_column(ForeignKey("account_merge.id", ondelete="CASCADE"), primary_key=True)
    tie_id: Mapped[int] = mapped_column(ForeignKey("account_tie.id", ondelete="CASCADE"), primary_key=True)
    state_before: Mapped[TieState | None] = mapped_column(one_of(TieState, "state_before"))
    """Of a tie of the account kept that the other one's word changed; none of one that moved from the other one."""
    settled_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
