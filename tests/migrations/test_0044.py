"""What ends the session of a provider comes and goes; sessions stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0032 import STAFF

SESSION = (
    "INSERT INTO staff_session (staff_id, token_hash, created_at, expires_at, awaits_code)"
    " VALUES (1, 'x', '2026-09-01', '2026-09-02', false)"
)


def test_the_token_comes_and_goes_and_sessions_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0043")
    with database.engine.begin() as connection:
        connection.execute(text(STAFF))
        connection.execute(text(SESSION))
    schema.upgrade(database.engine, "0044")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT provider_token FROM staff_session")).scalars().all() == [None]
    schema.downgrade(database.engine, "0043")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM staff_session")) == 1
    schema.upgrade(database.engine)
