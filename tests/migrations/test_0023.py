"""The index of the ties that files proposed, and when a refusal was seen, come and go; the ties stay as they are."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database
from tests.migrations.test_0021 import add_account, add_schools

NAME = "ix_account_tie_from_files"


def indexes(database: Database) -> set[str | None]:
    return {one["name"] for one in inspect(database.engine).get_indexes("account_tie")}


def test_the_index_comes_and_goes_and_the_ties_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0023")
    schema.downgrade(database.engine, "-1")
    assert NAME not in indexes(database)
    with database.engine.begin() as connection:
        add_schools(connection)
        for number, values in enumerate(("'confirmed', 'generation', '2026-09-01'", "'proposed', NULL, NULL"), 1):
            add_account(connection, number)
            connection.execute(
                text(
                    "INSERT INTO account_tie (account_id, establishment_id, made_at, state, confirmed_by, settled_at)"
                    f" VALUES ({number}, 1, '2026-09-01', {values})"
                )
            )
    schema.upgrade(database.engine, "0023")
    assert NAME in indexes(database)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM account_tie WHERE refusal_seen_at IS NULL")) == 2
    schema.downgrade(database.engine, "-1")
    assert NAME not in indexes(database)
    schema.upgrade(database.engine)
