"""Members of staff outlive the mails about their access; their address stays too."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

STAFF = (
    "INSERT INTO staff (id, login, name, email, password_hash, must_change_password, created_at)"
    " VALUES (1, 'chef', 'Anne Chef', 'chef@example.org', 'x', false, '2026-09-01')"
)
ROWS = (
    "INSERT INTO staff_email_change (staff_id, email, nonce, asked_at) VALUES (1, 'a@example.org', 'x', '2026-09-01')",
    "INSERT INTO staff_mail (staff_id, kind, recipient, created_at, delivery, attempts)"
    " VALUES (1, 'new_device', 'chef@example.org', '2026-09-01', 'sent', 0)",
)
TABLES = {"staff_email_change", "staff_mail"}


def test_an_address_stays_when_its_mails_go(database: Database) -> None:
    schema.downgrade(database.engine, "0031")
    with database.engine.begin() as connection:
        connection.execute(text(STAFF))
    schema.upgrade(database.engine, "0032")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.downgrade(database.engine, "0031")
    assert not TABLES & set(inspect(database.engine).get_table_names())
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT email FROM staff")) == "chef@example.org"
    schema.upgrade(database.engine)
    assert set(inspect(database.engine).get_table_names()) >= TABLES


def test_what_is_of_a_member_of_staff_goes_with_them(database: Database) -> None:
    with database.engine.begin() as connection:
        for row in (STAFF, *ROWS):
            connection.execute(text(row))
        connection.execute(text("DELETE FROM staff"))
        assert [connection.scalar(text(f"SELECT COUNT(*) FROM {table}")) for table in sorted(TABLES)] == [0, 0]
