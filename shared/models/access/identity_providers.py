"""Where members of staff come in from elsewhere, who they are there, and what was said of them (R34)."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import Establishment
from shared.models.staff import OF_ROLE_PLACE, Staff, StaffRoleKind

ADDRESS_LENGTH = 500
SUBJECT_LENGTH = 255


class ProviderKind(enum.StrEnum):
    """How an identity provider is spoken to."""

    OIDC = "oidc"
    CAS = "cas"
    SAML = "saml"
    """The address is that of its metadata, the client its own name there (entityID)."""
    HEADERS = "headers"
    """A portal in front says by headers who comes."""


class IdentityProvider(Base):
    """The sign-on of an académie or of an ENT."""

    __tablename__ = "identity_provider"
    __table_args__ = (
        UniqueConstraint("kind", "address"),
        CheckConstraint("kind <> 'oidc' OR client_id IS NOT NULL", name="client"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ProviderKind] = mapped_column(one_of(ProviderKind, "kind"))
    name: Mapped[str] = mapped_column(String(80))
    """On the button of the login page."""
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    """The issuer, or the address of the server."""
    is_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    position: Mapped[int] = mapped_column(default=0)
    """Its place on the login page."""
    client_id: Mapped[str | None] = mapped_column(String(200))
    secret: Mapped[bytes | None] = mapped_column()
    """What we prove ourselves with, sealed."""
    trust: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What it may say (`shared.sign_on.mapper.Trust`), and what it calls a login by two factors."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""


class StaffIdentity(Base):
    """Who a member of staff is for a provider: the same person is the same subject, whatever the name or address."""

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("provider_id", "subject"), UniqueConstraint("staff_id", "provider_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    came_in_at: Mapped[datetime] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()
    provider: Mapped[IdentityProvider] = relationship()


class ProvidedRole(Base):
    """A role that a provider said at the last login: made anew at each, changed by nobody here."""

    __tablename__ = "provided_role"
    __table_args__ = (
        UniqueConstraint("staff_id", "provider_id", "establishment_id"),
        CheckConstraint(OF_ROLE_PLACE, name="establishment"),
        CheckConstraint("begins_on IS NULL OR ends_on IS NULL OR begins_on <= ends_on", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StaffRoleKind] = mapped_column(one_of(StaffRoleKind, "kind"))
    establishment_id: Mapped[int | None] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), index=True)
    tabs: Mapped[list[str]] = mapped_column(JSON, default=list)
    begins_on: Mapped[date | None] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()

    staff: Mapped[Staff] = relationship()
    provider: Mapped[IdentityProvider] = relationship()
    establishment: Mapped[Establishment | None] = relationship()


class SignOnAttempt(Base):
    """A browser that was sent to a provider and has not come back: what comes back is compared with it, once."""

    __tablename__ = "sign_on_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of what the provider gives back in the address."""
    browser_hash: Mapped[str] = mapped_column(String(64))
    """Of what only the cookie of that browser holds."""
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    """Who was logged in and wants to be known by this provider from now on; none for a login."""
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class UsedToken(Base):
    """What was accepted once from a provider, and never is again while it could be: only its hash is kept."""

    __tablename__ = "used_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
