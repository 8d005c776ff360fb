"""What imports changed comes and goes; imports, their files' dates and fiches stay."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO last_export (establishment_id, kind, exported_at, imported_at)"
    " VALUES (1, 'students', '2026-09-01', '2026-09-01')",
    "INSERT INTO student (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " birth_date, scholarship, account_kept)"
    " VALUES (1, 1, '1', 'PAYET', 'Léa', 'payet lea', 'payet lea', '2014-01-01', false, false)",
    "INSERT INTO school_import (id, establishment_id, state, file_names, folder, accept_older, records_read,"
    " created_at) VALUES (1, 1, 'done', '[]', 'dossier', false, 0, '2026-09-01')",
)
KEPT = (
    "INSERT INTO import_run (id, establishment_id, upload_id, file_names, imported_at, imported_by, loses, losses)"
    " VALUES (1, 1, 1, '[]', '2026-09-01', 'Chef', true, '[]')",
    "INSERT INTO import_change (id, run_id, establishment_id, change, student_id) VALUES (1, 1, 1, 'left', 1)",
    "UPDATE last_export SET school_year = 2026",
    "UPDATE school_import SET accepted_losses = 'x'",
)


def test_what_imports_changed_goes_and_the_imports_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0026")
    schema.downgrade(database.engine, "-1")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0026")
    with database.engine.begin() as connection:
        assert connection.scalar(text("SELECT school_year FROM last_export")) is None
        for row in KEPT:
            connection.execute(text(row))
    schema.downgrade(database.engine, "-1")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT state FROM school_import")) == "done"
        assert connection.scalar(text("SELECT first_name FROM student")) == "Léa"
        assert connection.scalar(text("SELECT count(*) FROM import_run")) == 0
