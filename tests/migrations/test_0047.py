"""SMS may be notified after it; campaigns and their rows stay, both ways, and an outage of the mail server goes on."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import schema
from shared.database import Database

CAMPAIGN = (
    "INSERT INTO campaign (id, establishment_id, request_key, title, mode, criteria, created_at)"
    " VALUES ({0}, 1, 'k{0}', 'Responsables', '{1}', '{{}}', '2026-09-01')"
)
ROW = (
    "INSERT INTO notification (id, campaign_id, establishment_id, channel, recipient, delivery, attempts, position)"
    " VALUES ({0}, {0}, 1, '{1}', 'x', 'sent', 1, 1)"
)
BEFORE = (
    "INSERT INTO establishment (id, uai, name, created_at) VALUES (1, '9740001H', 'Collège', '2026-09-01')",
    CAMPAIGN.format(1, "both"),
    ROW.format(1, "mail"),
    "INSERT INTO mail_outage (id, since, trials, next_trial_at, reason)"
    " VALUES (1, '2026-09-01', 3, '2026-09-01', 'connexion refusée')",
    "INSERT INTO guardian (id, establishment_id, siecle_id, family_name, first_name, name_key, birth_name_key,"
    " mobile_phone, accepts_sms, account_kept)"
    " VALUES (1, 1, '10', 'PAYET', 'Marie', 'payet marie', 'payet marie', '0692 12 34 56', true, false)",
)
AFTER = (
    CAMPAIGN.format(2, "sms"),
    ROW.format(2, "sms"),
    CAMPAIGN.format(3, "mail_sms_or_paper"),
    "INSERT INTO sms_message (id, notification_id, lease, state, price, begun_at, polls)"
    " VALUES (1, 2, 'l', 'accepted', 650, '2026-09-01', 0)",
)
COUNTS = "SELECT (SELECT COUNT(*) FROM campaign), (SELECT COUNT(*) FROM notification), (SELECT COUNT(*) FROM guardian)"


def write(database: Database, *rows: str) -> None:
    with database.engine.begin() as connection:
        for row in rows:
            connection.execute(text(row))


def read(database: Database, query: str) -> tuple[object, ...]:
    with database.engine.connect() as connection:
        return tuple(connection.execute(text(query)).one())


def test_what_was_there_stays_both_ways(database: Database) -> None:
    schema.downgrade(database.engine, "0046")
    write(database, *BEFORE)
    with pytest.raises(IntegrityError):
        write(database, AFTER[0])
    schema.upgrade(database.engine, "0047")
    assert read(database, COUNTS) == (1, 1, 1)
    assert read(database, "SELECT channel, trials, reason FROM channel_outage") == ("mail", 3, "connexion refusée")
    write(database, *AFTER)
    schema.downgrade(database.engine, "0046")
    assert read(database, COUNTS) == (1, 1, 1)
    assert read(database, "SELECT trials FROM mail_outage") == (3,)
    with pytest.raises(IntegrityError):
        write(database, AFTER[0])
    schema.upgrade(database.engine)


@pytest.mark.parametrize(
    "row",
    [
        "INSERT INTO channel_outage VALUES ('pigeon', '2026-09-01', 1, '2026-09-01', 'x')",
        AFTER[3].replace("(1, 2,", "(2, 1,").replace("accepted", "eaten"),
    ],
)
def test_no_other_value_is_taken(database: Database, row: str) -> None:
    write(database, *BEFORE)
    with pytest.raises(IntegrityError):
        write(database, row)
