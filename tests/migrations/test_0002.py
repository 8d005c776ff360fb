"""The second factor of staff, and the versions of what several people edit, come and go; the rows stay."""

from sqlalchemy import inspect, text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'Collège', '2026-09-01')",
    "INSERT INTO staff (id, login, name, password_hash, must_change_password, created_at)"
    " VALUES (1, 'chef', 'Chef', 'x', false, '2026-09-01')",
    "INSERT INTO staff_role (id, staff_id, kind, establishment_id, tabs) VALUES (1, 1, 'head', 1, '[]')",
    "INSERT INTO staff_session (id, token_hash, staff_id, created_at, expires_at)"
    " VALUES (1, 'a', 1, '2026-09-01', '2026-09-02')",
    "INSERT INTO teleservice (id, code, label, description, url, mandatory, open_by_default, audience, position)"
    " VALUES (1, 'notes', 'Notes', '', 'https://exemple.fr', false, false, 'both', 1)",
    "INSERT INTO teleservice_opening (establishment_id, teleservice_id, is_open, changed_at)"
    " VALUES (1, 1, true, '2026-09-01')",
)
OF_A_CODE = (
    "INSERT INTO recovery_code (staff_id, code_hash) VALUES (1, 'h')",
    "INSERT INTO staff_session (id, token_hash, staff_id, created_at, expires_at, awaits_code)"
    " VALUES (2, 'b', 1, '2026-09-01', '2026-09-02', true)",
)


def test_rows_of_before_get_versions_and_stay_when_they_go(database: Database) -> None:
    schema.downgrade(database.engine, "0001")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0002")
    with database.engine.begin() as connection:
        for table in ("staff_role", "establishment", "teleservice"):
            assert connection.execute(text(f"SELECT version FROM {table}")).all() == [(1,)]
        assert connection.execute(text("SELECT awaits_code, count(*) FROM staff_session GROUP BY 1")).all() == [(0, 1)]
        assert connection.execute(text("SELECT changed_by FROM teleservice_opening")).all() == [("",)]
        for row in OF_A_CODE:
            connection.execute(text(row))
    schema.downgrade(database.engine, "0001")
    assert "recovery_code" not in inspect(database.engine).get_table_names()
    with database.engine.connect() as connection:
        for table in ("staff", "staff_role", "establishment", "teleservice", "teleservice_opening"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1, table
        # The browser that owed a code is not logged in once nothing tells it apart.
        assert connection.execute(text("SELECT id FROM staff_session")).all() == [(1,)]
    schema.upgrade(database.engine)
