"""The certificates by which ENTs know the portal change without a break, or at once (R35)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from saml2 import BINDING_HTTP_POST
from sqlalchemy import select

from shared import clock
from shared.accounts.credentials.sealing import Sealer
from shared.acting.desk import Act
from shared.database import Database
from shared.journal import SYSTEM
from shared.models.access.ents import EntKey
from shared.provider.ent.keys import ENT_KEYS, PUBLISHED_BEFORE, SIGNS_FOR, next_key
from tests.portal.conftest import logged_in
from tests.provider.ents.ent import Ent, agree, form_of

Night = Callable[[timedelta], None]


@pytest.fixture
def night(database: Database, sealer: Sealer) -> Night:
    def run(later: timedelta) -> None:
        with database.writing() as session:
            ENT_KEYS.change(session, sealer, clock.now() + later)

    return run


def published(portal: Flask) -> int:
    return portal.test_client().get("/ent/metadonnees").text.count("X509Certificate>") // 2


def test_the_next_certificate_stands_beside_the_present_one_for_two_months(
    portal: Flask, ent: Ent, night: Night, database: Database
) -> None:
    night(timedelta(days=1))
    assert published(portal) == 1
    night(SIGNS_FOR + timedelta(minutes=1))
    assert published(portal) == 2
    with database.reading() as session:
        assert next_key(session, clock.now()) is not None
        first, second = session.scalars(select(EntKey).order_by(EntKey.id)).all()
        assert second.signs_from - first.signs_from >= SIGNS_FOR + PUBLISHED_BEFORE
        assert first.private != second.private
        assert b"PRIVATE KEY" not in first.private
    # Nothing changes again before it is old in its turn.
    night(SIGNS_FOR + timedelta(days=30))
    assert published(portal) == 2


def test_an_ent_that_read_the_metadata_before_the_change_knows_families_after_it(
    portal: Flask, ent: Ent, night: Night
) -> None:
    night(SIGNS_FOR + timedelta(minutes=1))
    known = ent.client()
    after = clock.now() + SIGNS_FOR + PUBLISHED_BEFORE + timedelta(hours=1)
    with time_machine.travel(after, tick=True):
        browser, request = logged_in(portal, "m.payet"), ent.question()
        request.set("IssueInstant", clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        page = agree(browser, browser.get(ent.address(request)))
        encoded = form_of(page)[1]["SAMLResponse"]
        told = known.parse_authn_request_response(encoded, BINDING_HTTP_POST, {request.get("ID"): "/"})
        assert len(told.ava["FrEduVecteur"]) == 2
    night(SIGNS_FOR + PUBLISHED_BEFORE + timedelta(days=2))
    assert published(portal) == 1


def test_a_key_that_somebody_may_have_is_given_up_at_once(
    portal: Flask, ent: Ent, database: Database, sealer: Sealer
) -> None:
    before = portal.test_client().get("/ent/metadonnees").text
    with database.writing() as session:
        ENT_KEYS.replace(Act(session, SYSTEM, clock.now()), sealer)
    after = portal.test_client().get("/ent/metadonnees").text
    assert published(portal) == 1
    assert before != after
    assert len(ent.enter(logged_in(portal, "m.payet"))) == 2


def test_without_an_ent_no_key_is_made(database: Database, sealer: Sealer, night: Night) -> None:
    night(timedelta())
    with database.reading() as session:
        assert session.scalars(select(EntKey)).all() == []
