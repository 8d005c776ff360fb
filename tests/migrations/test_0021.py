"""Ties for the accounts that are there: what nobody ever confirmed waits for the family, and comes back as it was."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

BEFORE = "0020"
TODAY = date.today()  # noqa: DTZ011 - a date that has passed or has not, whatever the zone
SCHOOLS = {1: "9740001A", 2: "9740002B"}
NAMES = "'PAYET', 'X', 'payet x', 'payet x'"


def add_schools(connection: Connection) -> None:
    for number, uai in SCHOOLS.items():
        connection.execute(
            text(f"INSERT INTO establishment (id, uai, name, created_at) VALUES ({number}, '{uai}', 'Clg', :now)"),
            {"now": "2026-09-01"},
        )


def add_account(connection: Connection, number: int, kind: str = "guardian", **origin: int) -> None:
    connection.execute(text("INSERT INTO identifier (value, given_at) VALUES (:v, '2026-09-01')"), {"v": f"x.{number}"})
    connection.execute(
        text(
            "INSERT INTO account (id, kind, identifier, state, password_hash, must_change_password, created_at,"
            " origin_guardian_id, origin_student_id)"
            " VALUES (:id, :kind, :identifier, 'active', 'x', false, '2026-09-01', :guardian, :student)"
        ),
        {
            "id": number,
            "kind": kind,
            "identifier": f"x.{number}",
            "guardian": origin.get("guardian"),
            "student": origin.get("student"),
        },
    )


def add_student(connection: Connection, number: int, school: int, **columns: object) -> None:
    connection.execute(
        text(
            "INSERT INTO student (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
            " birth_date, scholarship, ine, left_on, account_id, account_kept)"
            f" VALUES (:id, :school, :id, {NAMES}, :birth, false, :ine, :left_on, :account, :kept)"
        ),
        {"id": number, "school": school, "ine": None, "left_on": None, "account": None, "kept": False}
        | {"birth": "2012-01-01"}
        | columns,
    )


def add_guardian(
    connection: Connection, number: int, school: int, student: int, account: int | None, *, kept: bool = False
) -> None:
    connection.execute(
        text(
            "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
            f" account_id, account_kept) VALUES (:id, :school, :id, {NAMES}, :account, :kept)"
        ),
        {"id": number, "school": school, "account": account, "kept": kept},
    )
    connection.execute(
        text(
            "INSERT INTO guardianship (establishment_id, student_id, guardian_id, legal_rank)"
            " VALUES (:school, :student, :guardian, 1)"
        ),
        {"school": school, "student": student, "guardian": number},
    )


def add_family(
    connection: Connection,
    number: int,
    *,
    left_on: date | None = None,
    ine: str | None = None,
    birth: str = "2012-01-01",
) -> None:
    """A student of the first school with a guardian's account, and of the second, where the account was kept."""
    before, after = 10 * number, 10 * number + 1
    ine = ine or f"00000000{number:02d}A"
    add_student(connection, before, 1, ine=ine, left_on=left_on)
    add_student(connection, after, 2, ine=ine, birth=birth)
    add_account(connection, number)
    add_guardian(connection, before, 1, before, number)
    add_guardian(connection, after, 2, after, number, kept=True)


def ties(connection: Connection) -> dict[tuple[int, int], tuple[str, str | None]]:
    rows = connection.execute(text("SELECT account_id, establishment_id, state, confirmed_by FROM account_tie"))
    return {(account, school): (state, by) for account, school, state, by in rows}


def holders(connection: Connection) -> set[tuple[str, int, int]]:
    return {
        (table, number, account)
        for table in ("guardian", "student")
        for number, account in connection.execute(
            text(f"SELECT id, account_id FROM {table} WHERE account_id IS NOT NULL")
        )
    }


def test_what_nobody_confirmed_waits_for_the_family_and_goes_back_as_it_was(database: Database) -> None:
    schema.downgrade(database.engine, BEFORE)
    yesterday = TODAY - timedelta(days=1)
    with database.engine.begin() as connection:
        add_schools(connection)
        add_family(connection, 1)
        add_family(connection, 2, left_on=yesterday)
        add_family(connection, 3, left_on=yesterday, birth="2013-02-02")
        add_family(connection, 4, left_on=yesterday, ine="00000000000")
        add_family(connection, 5, left_on=TODAY + timedelta(days=300))
        before = holders(connection)
    schema.upgrade(database.engine)
    with database.engine.begin() as connection:
        found = ties(connection)
        assert {found[account, 1] for account in range(1, 6)} == {("confirmed", "generation")}
        assert {account: found[account, 2] for account in range(1, 6)} == {
            1: ("proposed", None),
            2: ("confirmed", "departure"),
            3: ("proposed", None),
            4: ("proposed", None),
            5: ("proposed", None),
        }
        waiting = connection.execute(text("SELECT guardian_id, student_id FROM proposed_fiche")).all()
        assert sorted(waiting) == [(11, None), (31, None), (41, None), (51, None)]
        assert before - holders(connection) == {("guardian", 10 * one + 1, one) for one in (1, 3, 4, 5)}
        connection.execute(
            text(
                "UPDATE account_tie SET state = 'refused', settled_at = made_at WHERE account_id = 3"
                " AND establishment_id = 2"
            )
        )
    schema.downgrade(database.engine, BEFORE)
    assert not {"account_tie", "proposed_fiche", "merged_tie"} & set(inspect(database.engine).get_table_names())
    with database.engine.begin() as connection:
        assert holders(connection) == before - {("guardian", 31, 3)}
        assert set(connection.scalars(text("SELECT id FROM guardian WHERE account_kept"))) == {11, 21, 31, 41, 51}
    schema.upgrade(database.engine)


def test_accounts_of_students_of_merged_ones_and_of_fiches_long_gone_are_told(database: Database) -> None:
    schema.downgrade(database.engine, BEFORE)
    with database.engine.begin() as connection:
        add_schools(connection)
        for number, school in ((1, 1), (2, 2), (3, 2)):
            add_student(connection, number, school, ine="0123456789A")
        for account in (1, 2, 3):
            add_account(connection, account)
        add_guardian(connection, 1, 1, 1, 1)
        # Of the second school, and merged by its holder into an account of the first.
        add_guardian(connection, 2, 2, 2, 1)
        connection.execute(text("UPDATE account SET origin_guardian_id = 1 WHERE id = 1"))
        add_guardian(connection, 3, 2, 3, 3)
        add_account(connection, 4, "student", student=1)
        connection.execute(text("UPDATE student SET account_id = 4, account_kept = (id = 2) WHERE id IN (1, 2)"))
    schema.upgrade(database.engine)
    with database.engine.connect() as connection:
        assert ties(connection) == {
            (1, 1): ("confirmed", "generation"),
            (1, 2): ("confirmed", "family"),
            (3, 2): ("confirmed", "generation"),
            (4, 1): ("confirmed", "generation"),
            (4, 2): ("proposed", None),
        }
        assert connection.execute(text("SELECT student_id FROM proposed_fiche")).all() == [(2,)]


def test_letters_and_their_mails_stay_and_what_speaks_of_ties_goes(database: Database) -> None:
    with database.engine.begin() as connection:
        add_schools(connection)
        add_student(connection, 1, 1)
        add_account(connection, 1)
        add_guardian(connection, 1, 1, 1, 1)
        for kind in ("merged", "changed_by_staff"):
            connection.execute(
                text(
                    "INSERT INTO account_mail (kind, account_id, recipient, details, created_at, delivery, attempts)"
                    " VALUES (:kind, 1, 'm@example.org', '{}', '2026-09-01', 'sent', 0)"
                ),
                {"kind": kind},
            )
        connection.execute(
            text(
                "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
                " VALUES (1, 1, 'k', 't', 'mail', '{}', '2026-09-01')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO notification (campaign_id, establishment_id, guardian_id, channel, recipient, position,"
                " delivery, attempts, tie_id) SELECT 1, 1, 1, 'mail', 'm@example.org', 1, 'sent', 1, id"
                " FROM account_tie"
            )
        )
    schema.downgrade(database.engine, BEFORE)
    with database.engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM account_mail")).all() == ["merged"]
        assert connection.execute(text("SELECT guardian_id, delivery FROM notification")).all() == [(1, "sent")]
    schema.upgrade(database.engine)


def test_the_version_before_goes_on_making_accounts_on_these_tables(database: Database) -> None:
    """It knows no ties: the first establishment that gives an account to one of its fiches has it confirmed."""
    with database.engine.begin() as connection:
        add_schools(connection)
        add_student(connection, 1, 1)
        add_account(connection, 1)
        add_account(connection, 2, "student")
        add_guardian(connection, 1, 1, 1, None)
        connection.execute(text("UPDATE guardian SET account_id = 1"))
        connection.execute(text("UPDATE student SET account_id = 2"))
        assert ties(connection) == {(1, 1): ("confirmed", "generation"), (2, 1): ("confirmed", "generation")}
        connection.execute(text("UPDATE guardian SET account_id = NULL"))
        connection.execute(text("UPDATE guardian SET account_id = 1"))
        connection.execute(text("DELETE FROM account WHERE id = 1"))
        assert ties(connection) == {(2, 1): ("confirmed", "generation")}


@pytest.mark.parametrize("state", [None, "proposed", "refused"])
@pytest.mark.parametrize("fiche", ["guardian", "student"])
@pytest.mark.parametrize("is_new", [True, False])
def test_no_fiche_holds_an_account_but_through_a_confirmed_tie(
    database: Database, state: str | None, fiche: str, *, is_new: bool
) -> None:
    with database.engine.begin() as connection:
        add_schools(connection)
        add_student(connection, 1, 1)
        add_student(connection, 2, 2)
        add_account(connection, 1, fiche)
        connection.execute(text("UPDATE student SET account_id = 1 WHERE id = 1"))
        if state:
            settled = "NULL" if state == "proposed" else "'2026-09-01'"
            connection.execute(
                text(
                    "INSERT INTO account_tie (account_id, establishment_id, state, made_at, settled_at)"
                    f" VALUES (1, 2, '{state}', '2026-09-01', {settled})"
                )
            )
    with pytest.raises(IntegrityError, match="confirmed tie"), database.engine.begin() as connection:
        hold(connection, fiche, is_new=is_new)


def hold(connection: Connection, fiche: str, *, is_new: bool) -> None:
    """Let a fiche of the second school hold the account: a new one, or one that is there."""
    if not is_new:
        add_guardian(connection, 3, 2, 2, None)
        connection.execute(text(f"UPDATE {fiche} SET account_id = 1 WHERE establishment_id = 2"))
    elif fiche == "student":
        add_student(connection, 4, 2, account=1)
    else:
        add_guardian(connection, 3, 2, 2, 1)


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("state, settled_at", "'confirmed', '2026-09-01'"),
        ("state, settled_at, confirmed_by", "'proposed', NULL, 'family'"),
        ("state, settled_at", "'proposed', '2026-09-01'"),
        ("state, settled_at", "'refused', NULL"),
        ("state, settled_at", "'unheard_of', '2026-09-01'"),
        ("state, settled_at, confirmed_by", "'confirmed', '2026-09-01', 'unheard_of'"),
    ],
)
def test_the_tables_refuse_what_no_rule_would_write(database: Database, columns: str, values: str) -> None:
    with database.engine.begin() as connection:
        add_schools(connection)
        add_account(connection, 1)
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(
            text(
                f"INSERT INTO account_tie (account_id, establishment_id, made_at, {columns})"
                f" VALUES (1, 1, '2026-09-01', {values})"
            )
        )
