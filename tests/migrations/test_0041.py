"""A portal in front may be written down; who came in by other providers, and what they were given, stays."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database
from tests.migrations.test_0032 import STAFF

PROVIDER = (
    "INSERT INTO identity_provider (id, kind, name, address, position, trust, created_at)"
    " VALUES ({0}, '{1}', 'le portail', 'https://{1}.example.org', 1, '{{}}', '2026-09-01')"
)
IDENTITY = (
    "INSERT INTO staff_identity (staff_id, provider_id, subject, came_in_at) VALUES (1, {}, 'p-{}', '2026-09-01')"
)
COUNTED = "SELECT (SELECT count(*) FROM identity_provider), (SELECT count(*) FROM staff_identity)"


@pytest.mark.both_databases
def test_a_portal_in_front_comes_and_goes_and_the_others_stay(database: Database) -> None:
    comes_and_goes(database, "headers", before="0040", after="0041")


def comes_and_goes(database: Database, kind: str, *, before: str, after: str) -> None:
    """A kind of provider that the migration `after` lets be written down."""
    schema.downgrade(database.engine, before)
    with database.engine.begin() as connection:
        connection.execute(text(STAFF))
        connection.execute(text(PROVIDER.format(1, "cas")))
        connection.execute(text(IDENTITY.format(1, 1)))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(PROVIDER.format(2, kind)))
    schema.upgrade(database.engine, after)
    with database.engine.begin() as connection:
        connection.execute(text(PROVIDER.format(2, kind)))
        connection.execute(text(IDENTITY.format(2, 2)))
        assert connection.execute(text(COUNTED)).one() == (2, 2)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(PROVIDER.format(3, "autre")))
    schema.downgrade(database.engine, before)
    with database.engine.connect() as connection:
        assert connection.execute(text(COUNTED)).one() == (1, 1)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(PROVIDER.format(2, kind)))
    schema.upgrade(database.engine)
