"""Duplicates settled elsewhere come and go; what was found, and what was told apart, stays."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

GUARDIAN = (
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " account_kept) VALUES (:id, 1, :id, 'PAYET', 'Marie', 'payet marie', 'payet marie', false)"
)
PAIR = (
    "INSERT INTO duplicate_pair (id, establishment_id, first_id, second_id, confidence, reasons, against, detected_at)"
    " VALUES (1, 1, 1, 2, 0.9, '[]', '[]', '2026-09-01')"
)
DISTINCT = (
    "INSERT INTO distinct_fiches (id, establishment_id, first_id, second_id, decided_at, decided_by)"
    " VALUES (1, 1, 2, 3, '2026-09-01', 'Chef')"
)
REFERRED = (
    "INSERT INTO referred_fiches (establishment_id, first_id, second_id, decided_at, decided_by, referral)"
    " VALUES (1, 1, 2, '2026-09-01', 'Chef', 'parent')"
)


def test_pairs_stay_and_decisions_about_them_are_kept_once(database: Database) -> None:
    schema.downgrade(database.engine, "0028")
    with database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')")
        )
        for number in (1, 2, 3):
            connection.execute(text(GUARDIAN.replace(":id", str(number), 1).replace(":id", f"'{number}'")))
        connection.execute(text(PAIR))
        connection.execute(text(DISTINCT))
    schema.upgrade(database.engine, "0029")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT times_skipped FROM duplicate_pair")) == 0
        connection.execute(text(REFERRED))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(REFERRED))
    with database.engine.begin() as connection:
        # What the version before writes, on the new tables.
        connection.execute(text("DELETE FROM duplicate_pair"))
        connection.execute(text(PAIR))
    schema.downgrade(database.engine, "0028")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT confidence FROM duplicate_pair")) == 0.9
        assert connection.scalar(text("SELECT decided_by FROM distinct_fiches")) == "Chef"
        assert connection.scalar(text("SELECT count(*) FROM guardian")) == 3
        assert connection.scalar(text("SELECT count(*) FROM referred_fiches")) == 0
