"""ENTs that trust the portal: what they are known by, what families agreed to, and who entered (R35)."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.access.openid import KeyOfPortal
from shared.models.teleservices import ADDRESS_LENGTH, EntLink

ENTITY_LENGTH = 500
"""Characters of a name of SAML, which has 1,024 at most; none is longer than an address."""
REQUEST_LENGTH = 256


class EntKey(KeyOfPortal, Base):
    """A key that the portal signs what it tells ENTs with."""

    __tablename__ = "ent_key"
    __table_args__ = (CheckConstraint("retired_at IS NULL OR retired_at >= signs_from", name="life"),)

    certificate: Mapped[str] = mapped_column(Text)
    """In base64, as metadata have it; nobody signed it but itself."""


class EntService(Base):
    """An ENT of the list of the académie that knows families by the portal (SAML 2.0), as its own metadata say."""

    __tablename__ = "ent_service"

    id: Mapped[int] = mapped_column(primary_key=True)
    ent_link_id: Mapped[int] = mapped_column(ForeignKey("ent_link.id", ondelete="CASCADE"), unique=True)
    entity_id: Mapped[str] = mapped_column(String(ENTITY_LENGTH), unique=True)
    consumers: Mapped[list[str]] = mapped_column(JSON)
    """Where browsers bring what we say (HTTP-POST): the first where its question names none."""
    consumer_indexes: Mapped[list[int]] = mapped_column(JSON)
    """The number by which its question may name each of them."""
    certificates: Mapped[list[str]] = mapped_column(JSON)
    """In base64, of the keys that its questions are signed with; none: they are not signed."""
    logout_address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    """Where a browser is sent once its session here is over, as the ENT had asked (HTTP-Redirect)."""
    ending_address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    """Where a browser is sent to have the ENT end its own session; none where it cannot be asked."""
    pairwise_key: Mapped[bytes] = mapped_column()
    """Sealed; what it knows accounts by is computed with it, and means nothing to another ENT."""
    is_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""

    ent_link: Mapped[EntLink] = relationship(lazy="joined", innerjoin=True)


class EntConsent(Base):
    """What the holder of an account agreed to tell an ENT, and of which children."""

    __tablename__ = "ent_consent"
    __table_args__ = (UniqueConstraint("account_id", "ent_service_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    ent_service_id: Mapped[int] = mapped_column(ForeignKey("ent_service.id", ondelete="CASCADE"), index=True)
    students: Mapped[list[int]] = mapped_column(JSON)
    """The numbers of the children that were named."""
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The last time the ENT was told anything."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EntEntry(Base):
    """One entry of an account in an ENT: the question that it answers, answered once, and the browser.

    The session is named by its hash and no foreign key: it goes away in many ways, and the question stays answered.
    """

    __tablename__ = "ent_entry"
    __table_args__ = (UniqueConstraint("ent_service_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ent_service_id: Mapped[int] = mapped_column(ForeignKey("ent_service.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    request_id: Mapped[str] = mapped_column(String(REQUEST_LENGTH))
    session_hash: Mapped[str] = mapped_column(String(64))
    session_index: Mapped[str] = mapped_column(String(64), unique=True)
    """What the ENT calls the session of the portal, when one of both asks the other to end it."""
    is_transient: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the name that the ENT was told is of this entry alone."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
