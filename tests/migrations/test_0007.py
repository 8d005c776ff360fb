"""The language of a family comes and goes; its account stays."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
)


def test_accounts_of_before_have_no_language_and_stay_when_it_goes(database: Database) -> None:
    schema.downgrade(database.engine, "0006")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0007")
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT identifier, language FROM account")).all() == [("m.payet", None)]
        connection.execute(text("UPDATE account SET language = 'ar'"))
    schema.downgrade(database.engine, "0006")
    assert "language" not in {column["name"] for column in inspect(database.engine).get_columns("account")}
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT identifier FROM account")).all() == [("m.payet",)]
    schema.upgrade(database.engine)
