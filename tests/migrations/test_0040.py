"""Figures come and go, one row of each school at most is its last, and the journal keeps its events."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    "INSERT INTO journal_event (id, at, action, actor_kind, actor_name, subject, details)"
    " VALUES (1, '2026-09-01', 'link_added', 'system', '', '', '{}')",
)
FIGURES = (
    "INSERT INTO school_figures (establishment_id, day, counted_at, is_latest, uai, name, imported_at, accounts,"
    " notified, active, rate, duplicates, failures) VALUES (1, '2026-09-0{}', '2026-09-01', {}, '9740001H', 'Collège',"
    " '1970-01-01', 0, 0, 0, 0, 0, 0)"
)


def test_figures_go_and_the_schools_and_events_stay(database: Database) -> None:
    schema.downgrade(database.engine, "0039")
    with database.engine.begin() as connection:
        for row in BEFORE:
            connection.execute(text(row))
    schema.upgrade(database.engine, "0040")
    with database.engine.begin() as connection:
        connection.execute(text(FIGURES.format(1, "true")))
    schema.downgrade(database.engine, "0039")
    schema.upgrade(database.engine, "0040")
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM school_figures")) == 0
        assert connection.scalar(text("SELECT uai FROM establishment")) == "9740001H"
        assert connection.scalar(text("SELECT action FROM journal_event")) == "link_added"


def test_one_row_of_a_school_at_most_is_its_last(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(BEFORE[0]))
        connection.execute(text(FIGURES.format(1, "true")))
        connection.execute(text(FIGURES.format(2, "false")))
        connection.execute(text(FIGURES.format(3, "false")))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(FIGURES.format(4, "true")))
