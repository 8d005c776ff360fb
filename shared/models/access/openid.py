"""Téléservices that trust the portal: what they may ask, what families agreed to, and what they were given (R35)."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.teleservices import ADDRESS_LENGTH, Teleservice

KEY_NAME_LENGTH = 64
CLIENT_ID_LENGTH = 64
SECRET_HASH_LENGTH = 64


class Shared(enum.StrEnum):
    """Data of a family that a téléservice may be given."""

    NAMES = "names"
    EMAIL = "email"
    CHILDREN = "children"
    INE = "ine"
    """The national number of each child: only to téléservices that the académie marks for it."""


class KeyOfPortal:
    """The columns of a key that the portal signs with. The private half is sealed; anybody may read the public one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(KEY_NAME_LENGTH), unique=True)
    """Its `kid`."""
    private: Mapped[bytes] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)
    """It is published before, so that whoever keeps keys knows it already."""
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was given up at once, because somebody may have it: it is published no more."""


class OpenidKey(KeyOfPortal, Base):
    """A key that the portal signs tokens with."""

    __tablename__ = "openid_key"
    __table_args__ = (CheckConstraint("retired_at IS NULL OR retired_at >= signs_from", name="life"),)

    public: Mapped[dict[str, Any]] = mapped_column(JSON)


class OpenidClient(Base):
    """A téléservice that knows families by the portal."""

    __tablename__ = "openid_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    teleservice_id: Mapped[int] = mapped_column(ForeignKey("teleservice.id", ondelete="CASCADE"), unique=True)
    client_id: Mapped[str] = mapped_column(String(CLIENT_ID_LENGTH), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(SECRET_HASH_LENGTH))
    former_secret_hash: Mapped[str | None] = mapped_column(String(SECRET_HASH_LENGTH))
    former_secret_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when the secret of before is accepted beside the new one."""
    pairwise_key: Mapped[bytes] = mapped_column()
    """Sealed; what it knows families and children by is computed with it, and means nothing to another one."""
    return_addresses: Mapped[list[str]] = mapped_column(JSON)
    after_logout_addresses: Mapped[list[str]] = mapped_column(JSON, default=list)
    logout_address: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    """Where the portal says that a session ended (back-channel); none where it cannot be told."""
    data: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The most it may be given: values of `Shared`."""
    everywhere: Mapped[bool] = mapped_column(default=True, server_default=true())
    """In every establishment that opens the téléservice; else in those of `OpenidClientSchool` only."""
    is_open: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""

    teleservice: Mapped[Teleservice] = relationship(lazy="joined", innerjoin=True)


class OpenidClientSchool(Base):
    """An establishment in which a téléservice may know families."""

    __tablename__ = "openid_client_school"

    openid_client_id: Mapped[int] = mapped_column(ForeignKey("openid_client.id", ondelete="CASCADE"), primary_key=True)
    establishment_id: Mapped[int] = mapped_column(
        ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class OpenidConsent(Base):
    """What the holder of an account agreed to give a téléservice, and of which children."""

    __tablename__ = "openid_consent"
    __table_args__ = (UniqueConstraint("account_id", "openid_client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    openid_client_id: Mapped[int] = mapped_column(ForeignKey("openid_client.id", ondelete="CASCADE"), index=True)
    data: Mapped[list[str]] = mapped_column(JSON)
    students: Mapped[list[int]] = mapped_column(JSON)
    """The numbers of the children that were named."""
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The last time the téléservice was given anything."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OpenidLogin(Base):
    """A browser of the portal, as a téléservice knows it: told when the session of the portal ends before its time.

    The session is named by its hash and no foreign key: its row goes away in many ways, and that is what is told. A
    hash that is no session's is that of a login that ended otherwise: its holder took back what was given.
    """

    __tablename__ = "openid_login"
    __table_args__ = (
        UniqueConstraint("openid_client_id", "session_hash"),
        CheckConstraint("attempts >= 0", name="attempts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    openid_client_id: Mapped[int] = mapped_column(ForeignKey("openid_client.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    session_hash: Mapped[str] = mapped_column(String(64), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When the session of the portal ends by itself."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the téléservice was told in vain."""
    next_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OpenidPass(Base):
    """One entry of a family at a téléservice: a code, good once, then the token that it was exchanged for."""

    __tablename__ = "openid_pass"

    id: Mapped[int] = mapped_column(primary_key=True)
    openid_login_id: Mapped[int] = mapped_column(ForeignKey("openid_login.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    return_address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    data: Mapped[list[str]] = mapped_column(JSON)
    challenge: Mapped[str] = mapped_column(String(128))
    nonce: Mapped[str | None] = mapped_column(String(500))
    proved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the holder proved who they are: `auth_time`."""
    way: Mapped[str] = mapped_column(String(10))
    """How: `pwd`, or `pop` with a passkey."""
    code_until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
