"""The directory: accounts, the identifiers ever given, merges, mailed links and open sessions."""

import enum
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import EMAIL_LENGTH

LANGUAGE_LENGTH = 8
IDENTIFIER_LENGTH = 50
"""40 characters of name (R2) and the index."""

IDENTIFIER = String(IDENTIFIER_LENGTH).with_variant(String(IDENTIFIER_LENGTH, collation="C"), "postgresql")
"""ASCII, compared byte by byte, so that a search by first letters uses the index on both databases."""


class AccountKind(enum.StrEnum):
    """Whose account it is."""

    GUARDIAN = "guardian"
    STUDENT = "student"


class AccountState(enum.StrEnum):
    """The states of `product.md`, in the order an account goes through them."""

    NOT_NOTIFIED = "not_notified"
    NOTIFIED = "notified"
    ACTIVATING = "activating"
    ACTIVE = "active"
    MERGED = "merged"
    DISABLED = "disabled"


class Identifier(Base):
    """Every identifier ever given in the académie; a row is never removed, so none is given twice (R2)."""

    __tablename__ = "identifier"

    value: Mapped[str] = mapped_column(IDENTIFIER, primary_key=True)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdentifierSeries(Base):
    """The next index to try for one `p.nom`; only ever grows."""

    __tablename__ = "identifier_series"

    base: Mapped[str] = mapped_column(String(IDENTIFIER_LENGTH), primary_key=True)
    next_index: Mapped[int] = mapped_column()


class Account(Base):
    """A login of a guardian or of a student."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_into"),
        CheckConstraint("merged_into_id != id", name="not_merged_into_itself"),
        CheckConstraint(
            "state NOT IN ('not_notified', 'notified') OR initial_password IS NOT NULL", name="initial_password"
        ),
        CheckConstraint("state NOT IN ('activating', 'active') OR password_hash IS NOT NULL", name="password_hash"),
        CheckConstraint(
            "(state IN ('not_notified', 'notified', 'activating')) = (expires_on IS NOT NULL)", name="expires_on"
        ),
        CheckConstraint("(state = 'disabled') = (disabled_from IS NOT NULL)", name="disabled_and_from_where"),
        CheckConstraint("state != 'activating' OR email IS NOT NULL", name="email_to_confirm"),
        Index("ix_account_expires_on", "expires_on"),
        Index("ix_account_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind, "kind"))
    identifier: Mapped[str] = mapped_column(IDENTIFIER, ForeignKey("identifier.value"), unique=True)
    state: Mapped[AccountState] = mapped_column(one_of(AccountState, "state"))
    initial_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Sealed by `shared.accounts.credentials.sealing`; destroyed at the first completed login (R3)."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    """Staff gave a new initial password to a used account: it opens nothing but the change of password."""
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """Typed by the parent, lower case; not the one of the school base."""
    email_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    """The code of the language its holder chose for pages and mails; French while there is none."""
    passkey_handle: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    """Random; what its passkeys know it by, since they may be read by whoever finds the telephone."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    notified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    activated_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Without the initial password: by a link mailed to the address of the school base, and a birth date (R37)."""
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_on: Mapped[date | None] = mapped_column()
    """The day from which a daily job erases the account (R9); none once it is active."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    disabled_from: Mapped[AccountState | None] = mapped_column(one_of(AccountState, "disabled_from"))
    """The state to return to when staff open the account again."""
    origin_guardian_id: Mapped[int | None] = mapped_column(
        ForeignKey("guardian.id", ondelete="SET NULL", use_alter=True), unique=True
    )
    """The fiche it was generated for: unique, so that generating twice creates nothing twice (R1)."""
    origin_student_id: Mapped[int | None] = mapped_column(
        ForeignKey("student.id", ondelete="SET NULL", use_alter=True), unique=True
    )


class AccountMerge(Base):
    """One account absorbed into another by the parent (R8); kept to be undone."""

    __tablename__ = "account_merge"
    __table_args__ = (
        CheckConstraint("kept_id != absorbed_id", name="two_accounts"),
        Index(
            "uq_account_merge_absorbed_id_standing",
            "absorbed_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_account_merge_kept_id", "kept_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    absorbed_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MergedFiche(Base):
    """A fiche that a merge moved, so that undoing moves just these back."""

    __tablename__ = "merged_fiche"

    merge_id: Mapped[int] = mapped_column(ForeignKey("account_merge.id", ondelete="CASCADE"), primary_key=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"), primary_key=True)
    was_proposed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It only waited for the account absorbed: its establishment was none of that account's."""


class LinkPurpose(enum.StrEnum):
    """What a mailed link does once its button is pressed."""

    ACTIVATION = "activation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of a purpose
    EMAIL_CHANGE = "email_change"


class MailedLink(Base):
    """A link sent by mail: good once, until it expires. The address is computed from `nonce`, never stored."""

    __tablename__ = "mailed_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(one_of(LinkPurpose, "purpose"))
    nonce: Mapped[str] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    """The address the link was sent to, and which it proves."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was used, or replaced by a newer one."""


class AccountSession(Base):
    """A browser in which somebody is logged in to an account; deleting the row logs it out."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str | None] = mapped_column(String(45))
    browser: Mapped[str | None] = mapped_column(String(200))


class LoginThrottle(Base):
    """What is counted for one subject (an identifier, a network), known only by its hash (R10)."""

    __tablename__ = "login_throttle"
    __table_args__ = (UniqueConstraint("realm", "subject_hash"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    """Large: PostgreSQL takes a number for each attempt, counted anew or not."""
    realm: Mapped[str] = mapped_column(String(20))
    subject_hash: Mapped[str] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column()
    last_failure_at: Mapped[datetime] = mapped_column(UtcDateTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the count no longer matters; none in rows of before it was kept."""


class ErasureReason(enum.StrEnum):
    """Why an account is no longer kept (R33)."""

    UNUSED = "unused"
    """Nobody came in for a year."""
    WITHOUT_FICHE = "without_fiche"
    """It is of nobody whom a school base still knows."""


class AccountErasure(Base):
    """An erasure that was announced: it takes place on its day, unless its reason is gone by then (R33)."""

    __tablename__ = "account_erasure"
    __table_args__ = (Index("ix_account_erasure_due_on", "due_on"),)

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    reason: Mapped[ErasureReason] = mapped_column(one_of(ErasureReason, "reason"))
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date] = mapped_column()
