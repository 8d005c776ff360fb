"""What providers refused comes and goes; the campaign it speaks of stays."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES (1, 1, 'k', 'Tous', 'mail', '{}', '2026-09-01')",
)
REFUSED = (
    "INSERT INTO campaign_refusal (campaign_id, domain, cause, since, last_at, mails, reason)"
    " VALUES (1, 'orange.fr', 'sender', '2026-09-01', '2026-09-01', 3, 'blocked')"
)


def test_refusals_go_and_the_campaign_stays(database: Database) -> None:
    schema.downgrade(database.engine, "0022")
    schema.downgrade(database.engine, "-1")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0022")
    with database.engine.begin() as connection:
        connection.execute(text(REFUSED))
    schema.downgrade(database.engine, "-1")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT title FROM campaign")) == "Tous"
        assert connection.scalar(text("SELECT count(*) FROM campaign_refusal")) == 0
