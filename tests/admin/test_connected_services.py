"""The académie registers téléservices that know families by the portal; nobody else does (R35)."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shared.database import Database
from shared.establishments.services import fill_catalogue
from shared.models.access.openid import OpenidClient, OpenidClientSchool, OpenidKey
from shared.models.journal import Action, JournalEvent
from shared.models.teleservices import Teleservice
from shared.proofs.secrets import hashed
from tests.admin.browser import Browser, hidden, words
from tests.admin.conftest import School

PAGE = "/academie/raccordements/"
BACK = "https://bourses.example.org/retour"
_SECRET = re.compile(r'<p class="address"><strong>([\w-]{43})</strong>')


@pytest.fixture
def written(school_a: School, database: Database) -> dict[str, object]:
    """What the form says: a téléservice of the catalogue that is not registered yet."""
    with database.writing() as session:
        fill_catalogue(session)
        number = session.scalars(select(Teleservice.id).where(Teleservice.code == "bourse-college")).one()
    return {
        "service": number,
        "return_addresses": f"{BACK}\r\n{BACK}/2",
        "after_logout_addresses": "https://bourses.example.org/",
        "logout_address": "https://bourses.example.org/fin",
        "shares": ["names", "children"],
        "uais": "",
    }


def kept(database: Database, service: object) -> OpenidClient | None:
    with database.reading() as session:
        return session.scalars(select(OpenidClient).where(OpenidClient.teleservice_id == service)).one_or_none()


def secret_of(page: object) -> str:
    shown = _SECRET.search(page.text)
    assert shown is not None, words(page)
    return shown[1]


def test_a_teleservice_is_registered_shut_and_its_secret_is_shown_once(
    academy: Browser, database: Database, written: dict[str, object]
) -> None:
    answer = academy.post(PAGE, written)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = secret_of(answer)
    row = kept(database, written["service"])
    assert row is not None
    assert (row.is_open, row.everywhere) == (False, True)
    assert row.return_addresses == [BACK, f"{BACK}/2"]
    assert row.secret_hash == hashed(secret)
    page = academy.get(f"{PAGE}{row.id}/")
    assert row.client_id in page.text
    assert secret not in page.text
    with database.reading() as session:
        assert len(session.scalars(select(OpenidKey)).all()) == 1
    assert academy.post(f"{PAGE}{row.id}/ouvrir", {"version": row.version}).status_code == 303
    opened = kept(database, written["service"])
    assert opened is not None
    assert opened.is_open
    assert academy.post(f"{PAGE}{row.id}/fermer", {"version": opened.version}).status_code == 303
    with database.reading() as session:
        told = session.scalars(select(JournalEvent)).all()
    assert {
        Action.OPENID_CLIENT_ADDED,
        Action.OPENID_CLIENT_OPENED,
        Action.OPENID_CLIENT_SHUT,
    } <= {event.action for event in told}
    assert secret not in repr([event.details for event in told])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"return_addresses": ""}, "au moins une adresse de retour"),
        ({"return_addresses": "http://bourses.example.org/retour"}, "https://"),
        ({"return_addresses": f"{BACK}#suite"}, "https://"),
        ({"return_addresses": "https://*.example.org/retour"}, "https://"),
        ({"return_addresses": "https://moi:secret@bourses.example.org/"}, "https://"),
        ({"return_addresses": "javascript:alert(1)"}, "https://"),
        ({"return_addresses": "https://" + "x" * 500}, "https://"),
        ({"return_addresses": "\n".join(f"https://a.example/{n}" for n in range(21))}, "20 adresses"),
        ({"after_logout_addresses": "ailleurs"}, "https://"),
        ({"logout_address": "http://10.0.0.1/"}, "https://"),
        ({"shares": ["ine"]}, "Les enfants"),
        ({"shares": ["tout"]}, "Choisissez"),
        ({"uais": "9749999Z"}, "UAI"),
        ({"service": "999"}, "Choisissez"),
        ({"service": "x"}, "Choisissez"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    academy: Browser, database: Database, written: dict[str, object], changes: dict[str, object], sentence: str
) -> None:
    refused = academy.post(PAGE, written | changes)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert kept(database, written["service"]) is None


def test_a_teleservice_is_registered_once(academy: Browser, database: Database, written: dict[str, object]) -> None:
    academy.post(PAGE, written)
    assert academy.post(PAGE, written).status_code == 422


def test_a_registration_is_corrected_and_named_schools_are_the_only_ones(
    academy: Browser, database: Database, written: dict[str, object], school_a: School
) -> None:
    academy.post(PAGE, written)
    row = kept(database, written["service"])
    assert row is not None
    changed = written | {"version": row.version, "uais": school_a.uai.lower(), "shares": ["names"]}
    assert academy.post(f"{PAGE}{row.id}/", changed).status_code == 303
    now = kept(database, written["service"])
    assert now is not None
    assert (now.data, now.everywhere, now.client_id) == (["names"], False, row.client_id)
    with database.reading() as session:
        assert session.scalars(select(OpenidClientSchool.establishment_id)).all() == [school_a.id]


def test_two_administrators_do_not_overwrite_each_other(
    academy: Browser, database: Database, written: dict[str, object]
) -> None:
    academy.post(PAGE, written)
    row = kept(database, written["service"])
    assert row is not None
    version = hidden(academy.get(f"{PAGE}{row.id}/"), "version")
    assert academy.post(f"{PAGE}{row.id}/", written | {"version": version}).status_code == 303
    for path in ("", "ouvrir", "secret"):
        late = academy.post(f"{PAGE}{row.id}/{path}", written | {"version": version})
        assert late.status_code == 409, path


def test_a_secret_is_renewed_and_the_former_one_serves_a_week_or_not(
    academy: Browser, database: Database, written: dict[str, object]
) -> None:
    first = secret_of(academy.post(PAGE, written))
    row = kept(database, written["service"])
    assert row is not None
    second = secret_of(academy.post(f"{PAGE}{row.id}/secret", {"version": row.version}))
    row = kept(database, written["service"])
    assert row is not None
    assert (row.secret_hash, row.former_secret_hash) == (hashed(second), hashed(first))
    third = secret_of(academy.post(f"{PAGE}{row.id}/secret", {"version": row.version, "at_once": "y"}))
    row = kept(database, written["service"])
    assert row is not None
    assert (row.secret_hash, row.former_secret_hash) == (hashed(third), None)


def test_the_key_of_the_portal_is_changed_at_once(
    academy: Browser, database: Database, written: dict[str, object]
) -> None:
    academy.post(PAGE, written)
    assert academy.post(f"{PAGE}cles").status_code == 303
    with database.reading() as session:
        keys = session.scalars(select(OpenidKey).order_by(OpenidKey.id)).all()
    assert [key.retired_at is None for key in keys] == [False, True]


def test_a_head_registers_nothing(head: Browser, database: Database, written: dict[str, object], app: Flask) -> None:
    assert head.post(PAGE, written).status_code == 403
    assert Browser(app).post(PAGE, written).status_code in {302, 303, 403}
    assert kept(database, written["service"]) is None
