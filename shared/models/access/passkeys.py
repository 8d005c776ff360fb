"""Passkeys (WebAuthn): what a telephone or a key proves itself by, and the questions put to it."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.database import Base, UtcDateTime

PASSKEY_NAME_LENGTH = 40
CREDENTIAL_ID_LENGTH = 1023
"""Bytes; WebAuthn allows no longer one."""


class Passkey(Base):
    """A passkey of an account: its private half never leaves the telephone, and no secret is here."""

    __tablename__ = "passkey"
    __table_args__ = (CheckConstraint("sign_count >= 0", name="sign_count"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(CREDENTIAL_ID_LENGTH), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """As the telephone gave it: a COSE key in CBOR."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often it signed, by its own count; many telephones always say 0. One that goes back is a copy."""
    transports: Mapped[list[str]] = mapped_column(JSON)
    """How browsers reach it: `internal`, `hybrid`, `usb`…"""
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_LENGTH))
    """What its holder calls it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasskeyChallenge(Base):
    """A question put to one browser, to be answered once and soon."""

    __tablename__ = "passkey_challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the token that only the cookie of the browser holds."""
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    """Whose passkey is being added; none for a login."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
