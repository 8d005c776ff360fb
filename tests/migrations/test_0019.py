"""Counts start to say when they end; where people came in from is read from the journal, and the old code goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import TextClause, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import clock, schema
from shared.accounts.login.password_login import begin_login, refuse_login
from shared.acting.caller import Caller
from shared.database import Database
from shared.limits.counting import remove_forgotten
from shared.limits.familiar_places import hash_of_network

ROWS = (
    "INSERT INTO identifier (value, given_at) VALUES ('m.payet', '2026-09-01')",
    "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at)"
    " VALUES (1, 'guardian', 'm.payet', 'active', 'x', false, '2026-09-01')",
    "INSERT INTO staff (id, login, name, password_hash, must_change_password, created_at)"
    " VALUES (7, 'chef', 'Chef', 'x', false, '2026-09-01')",
)
EVENT = text(
    "INSERT INTO journal_event (at, action, actor_kind, actor_id, actor_name, address, account_id, subject, details)"
    " VALUES (:at, :action, 'account', :actor_id, '', :address, :account_id, '', '{}')"
)
COUNT = text(
    "INSERT INTO login_throttle (realm, subject_hash, failures, last_failure_at)"
    " VALUES ('pair', :subject, 3, '2026-09-01')"
)
PLACE = text(
    "INSERT INTO familiar_place (account_id, staff_id, place_hash, seen_at)"
    " VALUES (:account, :staff, 'h', '2026-09-01')"
)


def do(database: Database, statement: str | TextClause, **values: object) -> None:
    with database.engine.begin() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement, values)


def happened(database: Database, action: str, address: str | None, days_ago: int, number: int) -> None:
    at = (clock.now() - timedelta(days=days_ago)).replace(tzinfo=None)
    owner = (
        {"account_id": number, "actor_id": number} if action == "login" else {"account_id": None, "actor_id": number}
    )
    do(database, EVENT, at=at, action=action, address=address, **owner)


def test_where_they_came_in_from_during_the_year_stays_familiar(database: Database) -> None:
    schema.downgrade(database.engine, "0018")
    for row in ROWS:
        do(database, row)
    happened(database, "login", "198.51.100.7", 300, 1)
    happened(database, "login", "198.51.100.7", 3, 1)
    happened(database, "login", "2001:db8:1:2::1", 2, 1)
    happened(database, "login", "2001:db8:1:2::2", 1, 1)
    happened(database, "login", "203.0.113.9", 400, 1)
    happened(database, "login", None, 1, 1)
    happened(database, "login", "192.0.2.1", 1, 99)
    happened(database, "login_refused", "192.0.2.2", 1, 1)
    happened(database, "staff_login", "192.0.2.3", 1, 7)
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT account_id, staff_id, place_hash FROM familiar_place")).all()
    expected = {
        (1, None, hash_of_network("198.51.100.7")),
        (1, None, hash_of_network("2001:db8:1:2::1")),
        (None, 7, hash_of_network("192.0.2.3")),
    }
    assert set(map(tuple, rows)) == expected
    assert len(rows) == len(expected)
    schema.downgrade(database.engine, "0018")
    assert "familiar_place" not in inspect(database.engine).get_table_names()
    schema.upgrade(database.engine)


def test_counts_go_forward_and_back(database: Database) -> None:
    schema.downgrade(database.engine, "0018")
    do(database, COUNT, subject="before")
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        [forgotten_at] = connection.execute(text("SELECT forgotten_at FROM login_throttle")).scalars()
    assert forgotten_at is not None
    schema.downgrade(database.engine, "0018")
    do(database, COUNT, subject="after")
    schema.upgrade(database.engine)


def test_what_the_version_before_counts_is_no_obstacle_and_goes_with_the_rest(database: Database) -> None:
    do(database, COUNT, subject="of the version before")
    now = clock.now()
    with database.writing() as session:
        refuse_login(Caller(session, now, "192.0.2.1"), begin_login(Caller(session, now, "192.0.2.1"), "x.inconnu"))
    with database.writing() as session:
        remove_forgotten(session, now + timedelta(days=3))
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM login_throttle")).scalar_one() == 0


@pytest.mark.parametrize("owners", [(None, None), (1, 7)], ids=["of nobody", "of two"])
def test_a_place_is_of_one_owner(database: Database, owners: tuple[int | None, int | None]) -> None:
    for row in ROWS:
        do(database, row)
    with pytest.raises(IntegrityError):
        do(database, PLACE, account=owners[0], staff=owners[1])


def test_one_place_is_there_once(database: Database) -> None:
    for row in ROWS:
        do(database, row)
    do(database, PLACE, account=1, staff=None)
    do(database, PLACE, account=None, staff=7)
    with pytest.raises(IntegrityError):
        do(database, PLACE, account=1, staff=None)
