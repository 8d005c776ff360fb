"""What a browser of staff proved comes and goes; the browsers stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database
from tests.migrations.test_0002 import ROWS


def test_browsers_stay_when_what_they_proved_comes_and_goes(database: Database) -> None:
    schema.downgrade(database.engine, "0017")
    schema.downgrade(database.engine, "-1")
    with database.engine.begin() as connection:
        for row in ROWS[:4]:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0017")
    proved = text("SELECT token_hash, factor_proved_at FROM staff_session")
    with database.engine.begin() as connection:
        assert connection.execute(proved).all() == [("a", None)]
        connection.execute(text("UPDATE staff_session SET factor_proved_at = '2026-09-01'"))
    schema.downgrade(database.engine, "-1")
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT token_hash FROM staff_session")).all() == [("a",)]
    schema.upgrade(database.engine)
