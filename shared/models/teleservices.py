"""What families find on the portal: téléservices, and what each establishment says there."""

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of
from shared.models.school import EMAIL_LENGTH

WELCOME_CHARACTERS = 2000
ADDRESS_LENGTH = 500


class Audience(enum.StrEnum):
    """Who finds a téléservice on the portal."""

    GUARDIANS = "guardians"
    STUDENTS = "students"
    BOTH = "both"


class Teleservice(Base):
    """An online service families reach from the portal; the catalogue is the académie's."""

    __tablename__ = "teleservice"
    __table_args__ = (CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(50), unique=True)
    label: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    mandatory: Mapped[bool] = mapped_column(default=False)
    """Open everywhere by itself; no establishment can close it (R25)."""
    open_by_default: Mapped[bool] = mapped_column(default=False)
    audience: Mapped[Audience] = mapped_column(one_of(Audience, "audience"))
    levels: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """The levels of class whose families find it (`Level`); none: those of every level."""
    position: Mapped[int] = mapped_column()
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the académie took it out of the catalogue: nobody finds it any more, what schools had chosen is kept."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""


class TeleserviceOpening(Base):
    """An establishment's own choice to open or close a téléservice (R25)."""

    __tablename__ = "teleservice_opening"

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True)
    teleservice_id: Mapped[int] = mapped_column(ForeignKey("teleservice.id", ondelete="CASCADE"), primary_key=True)
    is_open: Mapped[bool] = mapped_column()
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The name of whoever opened or closed it."""


class EntLink(Base):
    """An ENT of the académie that establishments choose from a list, instead of typing its address (R21)."""

    __tablename__ = "ent_link"
    __table_args__ = (CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(100), unique=True)
    url: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the académie took it off the list: nobody can choose it any more, who had chosen it keeps it."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows with each change: who edits an old version is told, and overwrites nothing."""


class LetterType(enum.StrEnum):
    """Which addresses the letter and the portal's home show (R21)."""

    MIXED = "mixed"
    ENT_ONLY = "ent_only"


class EstablishmentSettings(Base):
    """What an establishment set: welcome message, contact, type of letter (R21–R23)."""

    __tablename__ = "establishment_settings"
    __table_args__ = (
        CheckConstraint(f"length(welcome_message) <= {WELCOME_CHARACTERS * 5}", name="welcome_message"),
        CheckConstraint("NOT contact_active OR contact_email IS NOT NULL", name="contact_email"),
        CheckConstraint("(ent_label IS NULL) = (ent_url IS NULL)", name="ent_label"),
        CheckConstraint("ent_url LIKE 'http://%' OR ent_url LIKE 'https://%'", name="ent_url"),
        CheckConstraint("ent_link_id IS NULL OR ent_url IS NULL", name="one_ent"),
        CheckConstraint("letter_type <> 'ent_only' OR ent_url IS NOT NULL OR ent_link_id IS NOT NULL", name="ent_only"),
    )

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True)
    welcome_message: Mapped[str] = mapped_column(Text, default="")
    """HTML, already cleaned; 2,000 visible characters at most (R22), the tags come on top."""
    contact_active: Mapped[bool] = mapped_column(default=False)
    contact_email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    letter_type: Mapped[LetterType] = mapped_column(one_of(LetterType, "letter_type"), default=LetterType.MIXED)
    ent_link_id: Mapped[int | None] = mapped_column(ForeignKey("ent_link.id"), index=True)
    """The ENT chosen from the list of the académie; none when it was typed, or when there is none."""
    ent_label: Mapped[str | None] = mapped_column(String(100))
    """Of an ENT that was typed."""
    ent_url: Mapped[str | None] = mapped_column(String(ADDRESS_LENGTH))
    ent_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When staff said whether families find the portal from the address of the ENT; none since it was changed."""
    ent_leads_here: Mapped[bool] = mapped_column(default=False, server_default=false())
    """They said that families do: until then, letters and mails tell the address of the portal as well."""
    ent_is_open: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Families may enter the ENT by the portal, where the académie connected it; the establishment may close that."""
    welcome_settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When staff last made up their mind about the message, be it to have none; the same of the next two."""
    ent_settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    self_activation: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether families without their letter may activate their accounts alone (R37)."""
    sends_sms: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether the school wants families notified by SMS, where the installation can (R36)."""
    version: Mapped[int] = mapped_column(default=1)
    """Grows with each change: who edits an old version is told, and overwrites nothing."""

    ent_link: Mapped[EntLink | None] = relationship(lazy="joined")


class UsefulLink(Base):
    """A link that an establishment shows on the portal's home (R24)."""

    __tablename__ = "useful_link"
    __table_args__ = (
        CheckConstraint("url LIKE 'http://%' OR url LIKE 'https://%'", name="url"),
        UniqueConstraint("establishment_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(ADDRESS_LENGTH))
    position: Mapped[int] = mapped_column()
