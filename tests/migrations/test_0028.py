"""Signs of life come and go; nothing else is touched."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

KEPT = (
    "INSERT INTO worker_process (id, host, pid, started_at, seen_at) VALUES ('a', 'h', 1, '2026-09-01', '2026-09-01')",
    "INSERT INTO daily_run (id, finished_at, seconds) VALUES (1, '2026-09-01', 3)",
)


def test_signs_of_life_go_and_the_schools_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0028")
    with database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')")
        )
        for row in KEPT:
            connection.execute(text(row))
    schema.downgrade(database.engine, "-1")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT uai FROM establishment")) == "9740001A"
        assert connection.scalar(text("SELECT count(*) FROM worker_process")) == 0
