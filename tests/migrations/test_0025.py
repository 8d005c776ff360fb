"""Students without birth date come, and on the way back have one that is nobody's; nothing that points to them goes."""

from sqlalchemy import text

from shared import schema
from shared.database import Database

ROWS = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001A', 'A', '2026-09-01')",
    "INSERT INTO student (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " birth_date, scholarship, account_kept)"
    " VALUES (1, 1, '1', 'PAYET', 'Léa', 'payet lea', 'payet lea', '2014-03-02', false, false)",
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " account_kept) VALUES (1, 1, '11', 'PAYET', 'Marie', 'payet marie', 'payet marie', false)",
    "INSERT INTO guardianship (id, establishment_id, student_id, guardian_id) VALUES (1, 1, 1, 1)",
)
WITHOUT = (
    "INSERT INTO student (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " scholarship, account_kept) VALUES (2, 1, '2', 'HOARAU', 'Tom', 'hoarau tom', 'hoarau tom', false, false)"
)


def dates(database: Database) -> list[str | None]:
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM guardianship")) == 1
        found = connection.scalars(text("SELECT birth_date FROM student ORDER BY id"))
        return [day and str(day) for day in found]


def test_a_student_without_birth_date_gets_one_on_the_way_back_and_nobody_goes(database: Database) -> None:
    schema.downgrade(database.engine, "0024")
    with database.engine.begin() as connection:
        for row in ROWS:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0025")
    with database.engine.begin() as connection:
        connection.execute(text(WITHOUT))
    assert dates(database) == ["2014-03-02", None]
    schema.downgrade(database.engine, "0024")
    assert dates(database) == ["2014-03-02", "1900-01-01"]
    schema.upgrade(database.engine)
    assert dates(database) == ["2014-03-02", "1900-01-01"]
