"""The school base: what the SIECLE files say of an establishment, its students and their guardians."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shared.database import Base, UtcDateTime
from shared.models.columns import one_of

NAME_LENGTH = 100
STAFF_NOTE_LENGTH = 320
"""Of what can stand beside the three names of a person."""
EMAIL_LENGTH = 254

NAME_KEY_LENGTH = 250
NAME_KEY = String(NAME_KEY_LENGTH).with_variant(String(NAME_KEY_LENGTH, collation="C"), "postgresql")
"""Folded names are ASCII: compared byte by byte, a search by first letters uses the index on both databases."""


class Establishment(Base):
    """A school, identified by its UAI."""

    __tablename__ = "establishment"
    __table_args__ = (CheckConstraint("length(uai) = 8", name="uai_length"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uai: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address_line1: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    address_line2: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    city: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    phone: Mapped[str | None] = mapped_column(String(30))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    head_civility: Mapped[str | None] = mapped_column(String(10))
    head_name: Mapped[str | None] = mapped_column(String(2 * NAME_LENGTH))
    corrected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the académie wrote the name and the address itself: imports leave them alone from then on."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Grows when the académie changes it: who edits an old version is told, and overwrites nothing."""
    compared_by: Mapped[str | None] = mapped_column(String(40))
    """The version that looked for duplicates among all its fiches as they are; none when files changed them since.

    Another word where only staff treated some since: all are compared at night, and what is left to treat is known.
    """
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FileKind(enum.StrEnum):
    """The kinds of export, told by the root element of the file."""

    STUDENTS = "students"
    GUARDIANS = "guardians"
    STRUCTURES = "structures"
    COMMON = "common"
    NOMENCLATURE = "nomenclature"


class LastExport(Base):
    """The HORODATAGE of the last file of each kind taken in, so that an older one is refused."""

    __tablename__ = "last_export"

    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[FileKind] = mapped_column(one_of(FileKind, "kind"), primary_key=True)
    exported_at: Mapped[datetime] = mapped_column()
    """As written in the file: local time of the school, without a zone."""
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    school_year: Mapped[int | None] = mapped_column()
    """ANNEE_SCOLAIRE, 2026 for 2026-2027; none for files of before it was kept, and for those that do not say it."""


class Division(Base):
    """A class of the school, `6A` or `301`; `code` is as the files write it, `6 A` or `6A`."""

    __tablename__ = "division"
    __table_args__ = (UniqueConstraint("establishment_id", "code"), UniqueConstraint("establishment_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(20))
    label: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NameFlag(enum.StrEnum):
    """Why a name needs a correction in the school base."""

    COMMENT = "comment"
    """Something else than a name was written there: a remark, or « INCONNU »."""
    LOST_CHARACTER = "lost_character"
    DIGITS = "digits"
    NO_FIRST_NAME = "no_first_name"


class Hold(enum.StrEnum):
    """Why nothing is notified to a person before staff decided: what a remark beside the name says."""

    DECEASED = "deceased"
    DO_NOT_WRITE = "do_not_write"


_HELD = text("hold IS NOT NULL")
_KNOWN_INE = text("ine IS NOT NULL")


class Person:
    """The columns that a student and a guardian share."""

    siecle_id: Mapped[str] = mapped_column(String(20))
    """ELEVE_ID or PERSONNE_ID: the key inside one school. Once SIECLE gave it to somebody else (R31): `~` and the
    number of the fiche, which no file can hold."""
    former_siecle_id: Mapped[str | None] = mapped_column(String(20))
    """The key that this fiche had until SIECLE gave it to somebody else."""
    family_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    usage_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    first_name: Mapped[str] = mapped_column(String(NAME_LENGTH), default="")
    name_key: Mapped[str] = mapped_column(NAME_KEY)
    """`persons.names.name_key`: usage (else family) name and first name, folded; lists are sorted, searched by it."""
    birth_name_key: Mapped[str] = mapped_column(NAME_KEY)
    """The same with the family name."""
    name_flag: Mapped[NameFlag | None] = mapped_column(one_of(NameFlag, "name_flag"))
    staff_note: Mapped[str | None] = mapped_column(String(STAFF_NOTE_LENGTH))
    """What staff wrote in SIECLE beside a name, « DECEDE », « PLACE ASE »: for staff alone."""
    hold: Mapped[Hold | None] = mapped_column(one_of(Hold, "hold"))
    """Why nothing is notified before staff decided, as the note says; that of a fiche fused with this one too."""
    written_family_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    """As SIECLE has it, where that is not the name alone; so for the two others."""
    written_usage_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    written_first_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    home_phone: Mapped[str | None] = mapped_column(String(30))
    mobile_phone: Mapped[str | None] = mapped_column(String(30))
    work_phone: Mapped[str | None] = mapped_column(String(30))
    address_line1: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    address_line2: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    address_line3: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    address_line4: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    po_box: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    postal_code: Mapped[str | None] = mapped_column(String(10))
    city: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    country: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    """Only when it is not France."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an import first no longer held this record."""

    @property
    def shown_key(self) -> str:
        """The key that people know the fiche by, even when it is somebody else's by now."""
        return self.former_siecle_id or self.siecle_id

    @property
    def last_name(self) -> str:
        """The name in use: the usage name when there is one."""
        return self.usage_name or self.family_name

    @property
    def as_written(self) -> list[tuple[str, str]]:
        """The fields in which SIECLE has something else than a name, for staff alone."""
        fields = (
            ("Nom de famille", self.written_family_name),
            ("Nom d'usage", self.written_usage_name),
            ("Prénom", self.written_first_name),
        )
        return [(field, text) for field, text in fields if text]

    @property
    def full_name(self) -> str:
        """First name and name in use, as written on an envelope."""
        return full_name(self.first_name, self.usage_name, self.family_name)


def full_name(first_name: str, usage_name: str | None, family_name: str) -> str:
    """First name and name in use, as written on an envelope."""
    return f"{first_name} {usage_name or family_name}".strip()


class Student(Person, Base):
    """A student of one school."""

    __tablename__ = "student"
    __table_args__ = (
        UniqueConstraint("establishment_id", "siecle_id"),
        UniqueConstraint("establishment_id", "id"),
        ForeignKeyConstraint(["establishment_id", "division_id"], ["division.establishment_id", "division.id"]),
        Index("ix_student_establishment_id_name_key_id", "establishment_id", "name_key", "id"),
        Index("ix_student_establishment_id_division_id", "establishment_id", "division_id"),
        Index("ix_student_held", "establishment_id", "id", sqlite_where=_HELD, postgresql_where=_HELD),
        # Of a base where few have one, SQLite takes an index of all for useless.
        Index("ix_student_ine", "ine", sqlite_where=_KNOWN_INE, postgresql_where=_KNOWN_INE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    ine: Mapped[str | None] = mapped_column(String(20))
    birth_date: Mapped[date | None] = mapped_column()
    """None when SIECLE has none that is possible."""
    sex: Mapped[str | None] = mapped_column(String(1))
    entered_on: Mapped[date | None] = mapped_column()
    left_on: Mapped[date | None] = mapped_column()
    division_id: Mapped[int | None] = mapped_column()
    scholarship: Mapped[bool] = mapped_column(default=False)
    previous_uai: Mapped[str | None] = mapped_column(String(8))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    account_kept: Mapped[bool] = mapped_column(default=False)
    """The account came with the student from another establishment (R4)."""

    division: Mapped[Division | None] = relationship(viewonly=True)
    guardianships: Mapped[list["Guardianship"]] = relationship(viewonly=True)


class Guardian(Person, Base):
    """A fiche of a responsable in one school's base; duplicates are several fiches of one person."""

    __tablename__ = "guardian"
    __table_args__ = (
        UniqueConstraint("establishment_id", "siecle_id"),
        UniqueConstraint("establishment_id", "id"),
        Index("ix_guardian_establishment_id_name_key_id", "establishment_id", "name_key", "id"),
        Index("ix_guardian_establishment_id_birth_name_key", "establishment_id", "birth_name_key"),
        Index("ix_guardian_held", "establishment_id", "id", sqlite_where=_HELD, postgresql_where=_HELD),
        # Namesakes in the whole académie: whether a parent may have a second account is asked at each login.
        Index("ix_guardian_name_key", "name_key"),
        # Whoever has not received the letter gives an address, and no school.
        Index("ix_guardian_email", "email"),
        # Numbers that two families of a school have.
        Index("ix_guardian_mobile_phone", "establishment_id", "mobile_phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"))
    civility: Mapped[str | None] = mapped_column(String(10))
    accepts_sms: Mapped[bool | None] = mapped_column()
    profession_code: Mapped[str | None] = mapped_column(String(2))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    account_kept: Mapped[bool] = mapped_column(default=False)
    """The account came from the establishment the student was in before (R4); shown in red in the lists."""

    establishment: Mapped[Establishment] = relationship(viewonly=True)
    guardianships: Mapped[list["Guardianship"]] = relationship(viewonly=True)


class Guardianship(Base):
    """The link of a guardian to a student."""

    __tablename__ = "guardianship"
    __table_args__ = (
        UniqueConstraint("student_id", "guardian_id"),
        # Both ends belong to the establishment of the link: no link can cross two schools.
        ForeignKeyConstraint(
            ["establishment_id", "student_id"], ["student.establishment_id", "student.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["establishment_id", "guardian_id"], ["guardian.establishment_id", "guardian.id"], ondelete="CASCADE"
        ),
        CheckConstraint("legal_rank IN (1, 2)", name="legal_rank"),
        Index("ix_guardianship_guardian_id", "guardian_id"),
        Index("ix_guardianship_establishment_id", "establishment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column()
    student_id: Mapped[int] = mapped_column()
    guardian_id: Mapped[int] = mapped_column()
    legal_rank: Mapped[int | None] = mapped_column()
    """1 or 2 for Légal 1 and Légal 2; none for a contact or a person in charge."""
    kinship_code: Mapped[str | None] = mapped_column(String(10))
    pays_fees: Mapped[bool | None] = mapped_column()
    receives_aid: Mapped[bool | None] = mapped_column()
    by_key_only: Mapped[bool] = mapped_column(server_default=false())
    """A guardians' file gave it to an ELEVE_ID that a students' file of a later day gave to this student (R31)."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    student: Mapped[Student] = relationship(viewonly=True)
    guardian: Mapped[Guardian] = relationship(viewonly=True)


class WaitingLink(Base):
    """A link whose student no file holds yet: it becomes a guardianship when a students' file does."""

    __tablename__ = "waiting_link"
    __table_args__ = (UniqueConstraint("guardian_id", "student_siecle_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    establishment_id: Mapped[int] = mapped_column(ForeignKey("establishment.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id", ondelete="CASCADE"))
    student_siecle_id: Mapped[str] = mapped_column(String(20))
    legal_rank: Mapped[int | None] = mapped_column()
    kinship_code: Mapped[str | None] = mapped_column(String(10))
    pays_fees: Mapped[bool | None] = mapped_column()
    receives_aid: Mapped[bool | None] = mapped_column()
