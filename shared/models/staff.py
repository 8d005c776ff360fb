"""Members of staff, what they may do, and where."""

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import EMAIL_LENGTH, Establishment


class StaffRoleKind(enum.StrEnum):
    """The roles of `product.md`."""

    ACADEMY = "academy"
    HEAD = "head"
    DELEGATE = "delegate"
    HELP_DESK = "help_desk"
    """« Assistance »: finds accounts and unblocks them, in one establishment or in all; opens nothing else."""


class Tab(enum.StrEnum):
    """What a head of establishment can delegate."""

    SERVICES = "services"
    SETTINGS = "settings"
    GUARDIANS = "guardians"
    STUDENTS = "students"
    DUPLICATES = "duplicates"
    IMPORTS = "imports"
    STATISTICS = "statistics"


OF_ROLE_PLACE = "kind = 'help_desk' OR (kind = 'academy') = (establishment_id IS NULL)"
"""Where a role is held: the académie's everywhere, the help desk's here or everywhere, the others in one place."""


class Staff(Base):
    """A person who logs in to the back office."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """Confirmed by its owner through a mailed link, or given by the operator on the command line."""
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    factor_secret: Mapped[bytes | None] = mapped_column()
    """Of the second factor, sealed; it counts for nothing until a first code proved that the telephone has it."""
    factor_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    factor_last_step: Mapped[int | None] = mapped_column()
    """The half minute, since 1970, of the last code accepted: neither it nor an older one is accepted again."""

    news_seen: Mapped[int | None] = mapped_column()
    """The number of the last entry of « Quoi de neuf » that its owner marked as read; none when nothing was."""
    news_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When that was: what the others did since then is news too."""

    roles: Mapped[list["StaffRole"]] = relationship(back_populates="staff")


class StaffRole(Base):
    """What one member of staff may do in one establishment, or in all of them for the académie and its help desk."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("staff_id", "establishment_id"),
        CheckConstraint(OF_ROLE_PLACE, name="establishment"),
        CheckConstraint("(invitation_hash IS NULL) = (invited_name IS NULL)", name="invitation"),
        CheckConstraint("invitation_hash IS NULL OR kind = 'delegate'", name="only_delegates_are_invited"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StaffRoleKind] = mapped_column(one_of(StaffRoleKind, "kind"))
    establishment_id: Mapped[int | None] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), index=True)
    tabs: Mapped[list[str]] = mapped_column(JSON, default=list)
    """For a delegate: the values of `Tab` that were delegated."""
    ends_on: Mapped[date | None] = mapped_column()
    """The last day of a delegation."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""
    invitation_hash: Mapped[str | None] = mapped_column(String(200))
    """Of the code that the owner of the login must give to accept the role; it opens nothing while it is there."""
    invited_name: Mapped[str | None] = mapped_column(String(200))
    """As the head typed it: the name of whoever has the login is not shown before the role is accepted."""

    staff: Mapped[Staff] = relationship(back_populates="roles")

    @property
    def shown_name(self) -> str:
        """The person, as the establishment may know them."""
        return self.invited_name or self.staff.name

    establishment: Mapped[Establishment | None] = relationship()


class StaffSession(Base):
    """A browser in which a member of staff is logged in; deleting the row logs it out."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    address: Mapped[str | None] = mapped_column(String(45))
    browser: Mapped[str | None] = mapped_column(String(200))
    awaits_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The password was right, and the code of the second factor is still to come: this browser opens nothing yet."""
    factor_proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When this browser gave a code of the second factor: one from before the factor was set opens nothing."""
    provider_id: Mapped[int | None] = mapped_column(
        ForeignKey("identity_provider.id", ondelete="CASCADE", name="fk_staff_session_provider"), index=True
    )
    """The identity provider that it came in by; none for a password."""
    provider_session: Mapped[str | None] = mapped_column(String(255))
    """What that provider calls its session, to say when it ends."""
    provider_token: Mapped[bytes | None] = mapped_column()
    """What it gave that ends its own session as well (an ID token), sealed."""


class StaffEmailChange(Base):
    """The address that a member of staff asked for, until the link mailed there is confirmed; at most one for each."""

    __tablename__ = "staff_email_change"

    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    nonce: Mapped[str] = mapped_column(String(32))
    """Drawn anew each time: the link of an earlier demand opens nothing."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """What stands once for a code when the telephone is lost; only its hash is kept."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
