"""The staging tables: temporary, seen by one connection only, gone with it, on both databases.

Records wait there between the reading, which takes its time and locks nobody out, and the update of the school base.
Others hold who was in the school base before the update, and what it did to whom.
"""

from typing import Any

from sqlalchemy import Boolean, Column, Date, Index, Integer, MetaData, String, Table

from shared.siecle.reading.records import (
    AddressRecord,
    DivisionRecord,
    GrantRecord,
    GuardianRecord,
    LinkRecord,
    PlacementRecord,
    StudentRecord,
)

TEMPORARY = MetaData()

_TYPES: dict[str, Any] = {
    "birth_date": Date(),
    "entered_on": Date(),
    "left_on": Date(),
    "accepts_sms": Boolean(),
    "pays_fees": Boolean(),
    "receives_aid": Boolean(),
    "contact_first": Boolean(),
    "rank_is_unknown": Boolean(),
    "legal_rank": Integer(),
    "level": Integer(),
}
_TEXT = String()


def _staging_table(name: str, record: type[Any], *keys: str) -> Table:
    table = Table(
        name,
        TEMPORARY,
        Column("position", Integer, primary_key=True, autoincrement=False),
        Column("line", Integer),
        *(Column(field, _TYPES.get(field, _TEXT)) for field in record._fields),
        prefixes=["TEMPORARY"],
    )
    Index(f"ix_{name}", *(table.c[key] for key in keys))
    return table


def _table_of_keys(name: str, *keys: str) -> Table:
    table = Table(name, TEMPORARY, *(Column(key, _TEXT) for key in keys), prefixes=["TEMPORARY"])
    Index(f"ix_{name}", *table.c)
    return table


STUDENTS = _staging_table("staged_student", StudentRecord, "siecle_id")
PLACEMENTS = _staging_table("staged_placement", PlacementRecord, "siecle_id")
GRANTS = _staging_table("staged_grant", GrantRecord, "siecle_id")
STUDENT_ADDRESSES = _staging_table("staged_student_address", AddressRecord, "address_id")
GUARDIANS = _staging_table("staged_guardian", GuardianRecord, "siecle_id")
GUARDIAN_ADDRESSES = _staging_table("staged_guardian_address", AddressRecord, "address_id")
LINKS = _staging_table("staged_link", LinkRecord, "student_siecle_id", "guardian_siecle_id")
DIVISIONS = _staging_table("staged_division", DivisionRecord, "code")

SECOND_KEYS = Table(
    "staged_second_key",
    TEMPORARY,
    Column("siecle_id", _TEXT, primary_key=True),
    Column("kept", _TEXT, index=True),
    prefixes=["TEMPORARY"],
)
"""The keys of students whom the file holds under another one as well: records of them stand for that one."""

UNREADABLE_STUDENTS = _table_of_keys("unreadable_student", "siecle_id")
UNREADABLE_GUARDIANS = _table_of_keys("unreadable_guardian", "siecle_id")
UNREADABLE_LINKS = _table_of_keys("unreadable_link", "student_siecle_id", "guardian_siecle_id")


def _table_of_persons_before(name: str) -> Table:
    return Table(
        name,
        TEMPORARY,
        Column("id", Integer, primary_key=True, autoincrement=False),
        Column("name", _TEXT),
        Column("name_key", _TEXT),
        Column("birth_name_key", _TEXT),
        Column("email", _TEXT),
        Column("division", _TEXT),
        prefixes=["TEMPORARY"],
    )


STUDENTS_BEFORE = _table_of_persons_before("student_before")
GUARDIANS_BEFORE = _table_of_persons_before("guardian_before")
LINKS_BEFORE = Table(
    "link_before",
    TEMPORARY,
    Column("student_id", Integer, primary_key=True, autoincrement=False),
    Column("guardian_id", Integer, primary_key=True, autoincrement=False),
    Column("is_legal", Boolean()),
    prefixes=["TEMPORARY"],
)
CHANGES = Table(
    "person_change",
    TEMPORARY,
    Column("sort", _TEXT),
    Column("change", _TEXT),
    Column("id", Integer),
    Column("name", _TEXT),
    Column("name_key", _TEXT),
    Column("former", _TEXT),
    Column("present", _TEXT),
    prefixes=["TEMPORARY"],
)
"""What an update did to whom: `sort` is « student » or « guardian », `id` the number of the fiche."""
