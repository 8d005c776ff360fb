"""The académie connects ENTs that know families by the portal; an establishment shuts its own (R35)."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from shared import clock
from shared.acting.desk import Act
from shared.database import Database
from shared.establishments.ent_links import add_ent_link
from shared.journal import SYSTEM
from shared.models.access.ents import EntKey, EntService
from shared.models.journal import Action, JournalEvent
from shared.models.teleservices import EstablishmentSettings
from shared.provider.ent.metadata import LARGEST
from shared.sign_on.saml.party import Party, metadata_of
from tests.admin.browser import Browser, hidden, words
from tests.admin.conftest import School
from tests.sign_on.saml_provider import key_of

PAGE = "/academie/ents-raccordes/"
ENTITY, CONSUMER = "https://metice.example.org/saml", "https://metice.example.org/acs"


def metadata(entity: str = ENTITY) -> str:
    return metadata_of(Party(entity, CONSUMER, key_of("an ENT"))).decode()


@pytest.fixture
def link_id(school_a: School, database: Database) -> int:
    """An ENT of the list that is not connected yet."""
    with database.writing() as session:
        return add_ent_link(Act(session, SYSTEM, clock.now()), "ENT des lycées", "https://metice.example.org/").id


def kept(database: Database, link_id: int) -> EntService | None:
    with database.reading() as session:
        return session.scalars(select(EntService).where(EntService.ent_link_id == link_id)).one_or_none()


def connected(academy: Browser, database: Database, link_id: int) -> EntService:
    assert academy.post(PAGE, {"ent": link_id, "pasted": metadata()}).status_code == 303
    row = kept(database, link_id)
    assert row is not None
    return row


def test_an_ent_is_connected_shut_and_its_page_says_what_to_write_to_its_operator(
    academy: Browser, database: Database, link_id: int
) -> None:
    row = connected(academy, database, link_id)
    assert (row.entity_id, row.consumers, row.is_open) == (ENTITY, [CONSUMER], False)
    page = academy.get(f"{PAGE}{row.id}/")
    for said in (ENTITY, CONSUMER, "FrEduVecteur", "/ent/metadonnees", "doivent être signées"):
        assert said in words(page), said
    assert academy.post(f"{PAGE}{row.id}/ouvrir", {"version": row.version}).status_code == 303
    opened = kept(database, link_id)
    assert opened is not None
    assert opened.is_open
    assert academy.post(f"{PAGE}{row.id}/fermer", {"version": opened.version}).status_code == 303
    with database.reading() as session:
        told = {event.action for event in session.scalars(select(JournalEvent))}
        assert len(session.scalars(select(EntKey)).all()) == 1
    assert {Action.ENT_SERVICE_ADDED, Action.ENT_SERVICE_OPENED, Action.ENT_SERVICE_SHUT} <= told


def test_metadata_are_taken_as_a_file(academy: Browser, database: Database, link_id: int) -> None:
    file = (io.BytesIO(metadata().encode()), "metadonnees.xml")
    assert academy.post(PAGE, {"ent": link_id, "pasted": "", "file": file}).status_code == 303
    assert kept(database, link_id) is not None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pasted": ""}, "Collez les métadonnées"),
        ({"pasted": "bonjour"}, "Ce n'est pas du XML"),
        ({"pasted": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "Ce n'est pas du XML"),
        ({"pasted": metadata().replace(CONSUMER, "http://metice.example.org/acs")}, "https://"),
        ({"pasted": "x" * (LARGEST + 1)}, "trop longues"),
        ({"ent": "999"}, "Choisissez"),
        ({"ent": "x"}, "Choisissez"),
        ({"pasted": metadata("https://ent.example.org/saml")}, "déjà raccordé"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    academy: Browser, database: Database, link_id: int, changes: dict[str, object], sentence: str
) -> None:
    refused = academy.post(PAGE, {"ent": link_id, "pasted": metadata()} | changes)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert kept(database, link_id) is None


def test_a_file_that_is_too_long_is_read_no_further(academy: Browser, database: Database, link_id: int) -> None:
    file = (io.BytesIO(b"x" * 400_000), "metadonnees.xml")
    refused = academy.post(PAGE, {"ent": link_id, "file": file})
    assert (refused.status_code, "trop longues" in words(refused)) == (422, True)


def test_an_ent_is_connected_once(academy: Browser, database: Database, link_id: int) -> None:
    connected(academy, database, link_id)
    assert academy.post(PAGE, {"ent": link_id, "pasted": metadata(f"{ENTITY}/2")}).status_code == 422


def test_metadata_are_replaced_and_two_administrators_do_not_overwrite_each_other(
    academy: Browser, database: Database, link_id: int
) -> None:
    row = connected(academy, database, link_id)
    version = hidden(academy.get(f"{PAGE}{row.id}/"), "version")
    bad = academy.post(f"{PAGE}{row.id}/", {"pasted": "bonjour", "version": version})
    assert (bad.status_code, "Ce n'est pas du XML" in words(bad)) == (422, True)
    taken = {"pasted": metadata("https://ent.example.org/saml"), "version": version}
    assert academy.post(f"{PAGE}{row.id}/", taken).status_code == 422
    changed = {"pasted": metadata().replace(CONSUMER, f"{CONSUMER}/2"), "version": version}
    assert academy.post(f"{PAGE}{row.id}/", changed).status_code == 303
    now = kept(database, link_id)
    assert now is not None
    assert (now.consumers, now.pairwise_key) == ([f"{CONSUMER}/2"], row.pairwise_key)
    for path in ("", "ouvrir", "fermer"):
        assert academy.post(f"{PAGE}{row.id}/{path}", changed).status_code == 409, path


def test_the_certificate_of_the_portal_is_changed_at_once(academy: Browser, database: Database, link_id: int) -> None:
    connected(academy, database, link_id)
    assert academy.post(f"{PAGE}certificat").status_code == 303
    with database.reading() as session:
        keys = session.scalars(select(EntKey).order_by(EntKey.id)).all()
    assert [key.retired_at is None for key in keys] == [False, True]


def test_a_head_connects_nothing(head: Browser, database: Database, link_id: int, app: Flask) -> None:
    wanted = {"ent": link_id, "pasted": metadata()}
    assert head.post(PAGE, wanted).status_code == 403
    assert Browser(app).post(PAGE, wanted).status_code in {302, 303, 403}
    assert kept(database, link_id) is None


def chosen(database: Database, school: School, link_id: int) -> None:
    with database.writing() as session:
        row = session.get(EstablishmentSettings, school.id)
        if row is None:
            row = EstablishmentSettings(establishment_id=school.id)
            session.add(row)
        row.ent_link_id, row.ent_url, row.ent_label = link_id, None, None


def is_open(database: Database, school: School) -> bool:
    with database.reading() as session:
        return session.get_one(EstablishmentSettings, school.id).ent_is_open


def test_an_establishment_shuts_and_opens_the_way_into_its_ent(
    academy: Browser, head: Browser, database: Database, school_a: School, link_id: int
) -> None:
    row = connected(academy, database, link_id)
    chosen(database, school_a, link_id)
    assert "pas encore ouvert le raccordement" in words(head.get("/services/"))
    academy.post(f"{PAGE}{row.id}/ouvrir", {"version": row.version})
    page = head.get("/services/")
    assert "Fermer l'entrée dans ENT des lycées" in words(page)
    version = hidden(head.get("/services/ent/"), "version")
    assert head.post("/services/ent/", {"ouvrir": "non", "version": version}).status_code == 303
    assert not is_open(database, school_a)
    assert head.post("/services/ent/", {"ouvrir": "oui", "version": version}).status_code == 409
    assert not is_open(database, school_a)
    version = hidden(head.get("/services/ent/"), "version")
    assert head.post("/services/ent/", {"ouvrir": "oui", "version": version}).status_code == 303
    assert is_open(database, school_a)
    with database.reading() as session:
        told = {event.action for event in session.scalars(select(JournalEvent))}
    assert {Action.ENT_OPENED, Action.ENT_CLOSED} <= told


def test_without_an_ent_that_is_connected_there_is_nothing_to_shut(head: Browser, database: Database) -> None:
    assert "Entrée dans l'ENT" not in words(head.get("/services/"))
    answer = head.post("/services/ent/", {"ouvrir": "non", "version": "0"})
    assert answer.status_code == 303
    assert "n'est pas raccordé" in words(head.get("/services/"))


def test_choosing_another_ent_tells_the_former_one_nothing_more_and_keeps_what_was_shut(
    academy: Browser, head: Browser, database: Database, school_a: School, link_id: int
) -> None:
    connected(academy, database, link_id)
    chosen(database, school_a, link_id)
    version = hidden(head.get("/services/ent/"), "version")
    head.post("/services/ent/", {"ouvrir": "non", "version": version})
    version = hidden(head.get("/parametrage/ent/"), "version")
    head.post("/parametrage/ent/", {"type": "mixed", "lien": "aucun", "version": version})
    assert "Entrée dans l'ENT" not in words(head.get("/services/"))
    assert not is_open(database, school_a)
