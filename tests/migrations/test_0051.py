"""What schools wrote in their letters stays when what their coupons say comes and goes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

SCHOOL = "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')"
TEXT = (
    "INSERT INTO letter_text (establishment_id, letter, part, content, version)"
    " VALUES (1, 'guardian_new_account', '{0}', '<p>Bonjour</p>', 1)"
)


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def parts(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list(connection.scalars(text("SELECT part FROM letter_text ORDER BY part")))


def test_what_was_written_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0050")
    write(database, SCHOOL, TEXT.format("body"))
    with pytest.raises(IntegrityError):
        write(database, TEXT.format("coupon"))
    schema.upgrade(database.engine, "0051")
    write(database, TEXT.format("coupon"))
    assert parts(database) == ["body", "coupon"]
    with pytest.raises(IntegrityError):
        write(database, TEXT.format("envelope"))
    schema.downgrade(database.engine, "0050")
    assert parts(database) == ["body"]
    schema.upgrade(database.engine)
    assert parts(database) == ["body"]
