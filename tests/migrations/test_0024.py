"""What the académie decided and the mails that came of it go; the other mails stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, identifier, kind, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'm.payet', 'guardian', 'active', 'x', false, '2026-09-01')",
)
MAIL = (
    "INSERT INTO account_mail (account_id, kind, recipient, details, created_at, delivery, attempts)"
    " VALUES (1, :kind, 'm@example.org', '{}', '2026-09-01', 'sent', 0)"
)


def kinds(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return sorted(connection.scalars(text("SELECT kind FROM account_mail")))


def test_a_decision_goes_and_the_mails_of_before_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0024")
    schema.downgrade(database.engine, "-1")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
        connection.execute(text(MAIL), {"kind": "password_changed"})
    schema.upgrade(database.engine, "0024")
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO security_policy (id) VALUES (1)"))
        connection.execute(text(MAIL), {"kind": "new_device"})
        row = connection.execute(text("SELECT factor_required, tells_of_new_devices FROM security_policy")).one()
        assert (row[0], bool(row[1])) == ("nobody", True)
    assert kinds(database) == ["new_device", "password_changed"]
    schema.downgrade(database.engine, "-1")
    assert kinds(database) == ["password_changed"]
    schema.upgrade(database.engine)
    assert kinds(database) == ["password_changed"]
