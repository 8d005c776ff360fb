"""The keys that the portal signs with change without break, and are kept sealed (R35)."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.openid import OpenidKey
from shared.provider.keys import KEYS, PUBLISHED_BEFORE, SIGNS_FOR, Keyring
from shared.provider.rotation import PUBLISHED_AFTER, published_at, signing_at
from tests.factories import NOW
from tests.portal.conftest import logged_in
from tests.provider.service import Service


@pytest.fixture
def three_months(database: Database, sealer: Sealer, service: Service) -> datetime:
    """The instant at which the daily job publishes the next key."""
    with database.reading() as session:
        (first,) = KEYS.kept(session)
    return first.signs_from + SIGNS_FOR


def names(database: Database, at: datetime) -> tuple[str | None, list[str]]:
    with database.reading() as session:
        keys = KEYS.kept(session)
    signing = signing_at(keys, at)
    return signing.name if signing else None, [key.name for key in published_at(keys, at)]


def test_the_next_key_is_published_before_it_signs_and_the_former_one_after(
    database: Database, sealer: Sealer, three_months: datetime
) -> None:
    before = three_months - timedelta(seconds=1)
    with database.writing() as session:
        KEYS.change(session, sealer, before)
    old, only = names(database, before)
    assert only == [old]
    with database.writing() as session:
        KEYS.change(session, sealer, three_months)
        KEYS.change(session, sealer, three_months)
    signing, published = names(database, three_months)
    assert (signing, len(published)) == (old, 2)
    signing, published = names(database, three_months + PUBLISHED_BEFORE)
    assert signing == published[1] != old
    assert published[0] == old
    over = three_months + PUBLISHED_BEFORE + PUBLISHED_AFTER
    assert names(database, over) == (signing, [signing])
    with database.writing() as session:
        KEYS.change(session, sealer, over)
    with database.reading() as session:
        assert [key.name for key in KEYS.kept(session)] == [signing]


def test_a_token_of_before_the_change_is_good_after_it(
    portal: Flask, service: Service, database: Database, sealer: Sealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = logged_in(portal, "m.payet")
    token = service.tokens(browser)["id_token"]
    with database.writing() as session:
        key = session.scalars(select(OpenidKey)).one()
        key.signs_from -= 2 * SIGNS_FOR
    now = clock.now()
    with database.writing() as session:
        KEYS.change(session, sealer, now - PUBLISHED_BEFORE)
    assert len(service.keys().keys) == 2
    assert service.claims(token)["sub"]
    other = service.tokens(browser)["id_token"]
    assert token.split(".")[0] != other.split(".")[0]
    assert service.claims(other)["sub"]


def test_keys_that_somebody_may_have_are_given_up_at_once(
    portal: Flask, service: Service, database: Database, sealer: Sealer
) -> None:
    browser = logged_in(portal, "m.payet")
    token = service.tokens(browser)["id_token"]
    with database.writing() as session:
        KEYS.replace(Act(session, SYSTEM, clock.now()), sealer)
    assert len(service.keys().keys) == 1
    with pytest.raises(Exception, match=r".*"):
        service.claims(token)
    assert service.claims(service.tokens(browser)["id_token"])["sub"]


def test_only_public_halves_are_published(portal: Flask, service: Service) -> None:
    answer = portal.test_client().get("/openid/cles")
    assert {name for key in answer.json["keys"] for name in key} <= {"kty", "n", "e", "kid", "use", "alg"}
    assert answer.headers["Cache-Control"] == "public, max-age=600"


def test_a_private_half_is_sealed_and_read_once(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        KEYS.ensure(session, sealer, NOW)
        KEYS.ensure(session, sealer, NOW)
    with database.reading() as session:
        (row,) = KEYS.kept(session)
        assert b"PRIVATE" not in row.private
        assert b"PRIVATE" in sealer.open_bytes(row.private)
        ring = Keyring()
        assert ring.signing(session, sealer, NOW).private is ring.signing(session, sealer, NOW).private


def test_no_key_is_made_while_nobody_needs_one(database: Database, sealer: Sealer) -> None:
    with database.writing() as session:
        KEYS.change(session, sealer, NOW)
        assert KEYS.kept(session) == []
