"""The académie writes down where its staff come in, tries it, opens and shuts it; nobody else does (R34)."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shared.database import Database
from shared.models.access.identity_providers import IdentityProvider, ProviderKind
from shared.models.journal import Action, JournalEvent
from tests.admin.browser import Browser, hidden, words
from tests.sign_on.provider import answering
from tests.sign_on.saml_provider import answering as saml_answering

PAGE = "/academie/fournisseurs/"
WRITTEN = {
    "kind": "oidc",
    "name": "le portail",
    "address": "https://auth.example.org",
    "client_id": "teleservices",
    "secret": "un secret bien gardé",
    "scope": "openid profile",
    "application": "teleservices",
    "tabs": ["imports"],
    "gives_roles": "y",
    "academy_groups": "DSI, RECTORAT",
    "strengths": "mfa",
}


def kept(database: Database) -> list[IdentityProvider]:
    """Those that a test wrote: the schools of these tests have one by CAS."""
    written = select(IdentityProvider).where(IdentityProvider.kind == ProviderKind.OIDC)
    with database.reading() as session:
        return list(session.scalars(written.order_by(IdentityProvider.position)))


def test_a_provider_is_written_down_shut_then_opened_and_shut(app: Flask, academy: Browser, database: Database) -> None:
    assert academy.post(PAGE, WRITTEN).status_code == 303
    (row,) = kept(database)
    assert not row.is_open
    assert WRITTEN["secret"].encode() not in (row.secret or b"")
    path = f"{PAGE}{row.id}/"
    page = academy.get(path)
    assert WRITTEN["secret"] not in page.text
    assert "/connexion/par/retour" in page.text
    stranger = Browser(app)
    assert "Se connecter par" not in words(stranger.get("/connexion/"))
    assert academy.post(f"{path}ouvrir", {"version": row.version}).status_code == 303
    assert "Se connecter par le portail" in words(stranger.get("/connexion/"))
    assert academy.post(f"{path}fermer", {"version": row.version + 1}).status_code == 303
    assert "Se connecter par" not in words(stranger.get("/connexion/"))
    with database.reading() as session:
        told = set(session.scalars(select(JournalEvent.action)))
    assert {Action.PROVIDER_ADDED, Action.PROVIDER_OPENED, Action.PROVIDER_SHUT} <= told


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "nom que portera le bouton"),
        ({"address": "http://auth.example.org"}, "https://"),
        ({"address": "https://moi:secret@auth.example.org"}, "https://"),
        ({"address": "auth"}, "https://"),
        ({"client_id": ""}, "identifiant de client"),
        ({"scope": "profile"}, "openid"),
        ({"application": "x" * 501}, "500 signes"),
        ({"kind": "autre"}, "Choisissez"),
        ({"tabs": ["tout"]}, "Choisissez"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(
    academy: Browser, database: Database, changes: dict[str, object], sentence: str
) -> None:
    refused = academy.post(PAGE, WRITTEN | changes)
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert kept(database) == []


def test_the_same_provider_is_not_written_twice_and_its_address_stays(academy: Browser, database: Database) -> None:
    academy.post(PAGE, WRITTEN)
    assert "déjà dans la liste" in words(academy.post(PAGE, WRITTEN))
    (row,) = kept(database)
    path = f"{PAGE}{row.id}/"
    elsewhere = WRITTEN | {"address": "https://ailleurs.example.org", "name": "l'ENT", "version": row.version}
    assert academy.post(path, elsewhere).status_code == 303
    (changed,) = kept(database)
    assert (changed.address, changed.name) == (WRITTEN["address"], "l'ENT")


def test_there_is_one_portal_in_front_and_its_page_says_what_to_set(academy: Browser, database: Database) -> None:
    portal = WRITTEN | {"kind": "headers", "client_id": ""}
    made = academy.post(PAGE, portal)
    assert made.status_code == 303
    assert "/connexion/par/portail" in academy.get(made.location).text
    academy.post(f"{made.location}essai")
    assert "FRONT_SECRET n'est pas réglé" in words(academy.get(made.location))
    again = academy.post(PAGE, portal | {"address": "https://ailleurs.example.org"})
    assert "déjà dans la liste" in words(again)


def test_a_saml_provider_gets_a_key_of_its_own_that_stays(
    academy: Browser, app: Flask, database: Database, tmp_path: Path
) -> None:
    with saml_answering(tmp_path) as provider:
        saml = WRITTEN | {"kind": "saml", "address": provider.entity_id, "client_id": provider.entity_id}
        assert "entityID" in words(academy.post(PAGE, saml | {"client_id": ""}))
        made = academy.post(PAGE, saml).location
        number = int(made.rstrip("/").rpartition("/")[2])
        shown = app.test_client().get(f"/connexion/par/saml/{number}").text
        assert "X509Certificate" in shown
        assert f"/connexion/par/saml/{number}/retour" in academy.get(made).text
        academy.post(f"{made}essai")
        assert "1 certificats lus" in words(academy.get(made))
        with database.reading() as session:
            version = session.get_one(IdentityProvider, number).version
        changed = academy.post(made, saml | {"name": "l'ENT", "version": version, "secret": "tapé par erreur"})
        assert changed.status_code == 303
        assert app.test_client().get(f"/connexion/par/saml/{number}").text == shown
        provider.metadata = ""
        academy.post(f"{made}essai")
        assert "ne répond pas" in words(academy.get(made))


def test_two_administrators_do_not_overwrite_each_other(academy: Browser, database: Database) -> None:
    academy.post(PAGE, WRITTEN)
    (row,) = kept(database)
    path = f"{PAGE}{row.id}/"
    version = hidden(academy.get(path), "version")
    assert academy.post(path, WRITTEN | {"version": version, "name": "l'ENT"}).status_code == 303
    late = academy.post(path, WRITTEN | {"version": version, "name": "autre"})
    assert late.status_code == 409
    assert [one.name for one in kept(database)] == ["l'ENT"]


def test_the_academie_orders_the_buttons(app: Flask, academy: Browser, database: Database) -> None:
    for name in ("un", "deux"):
        academy.post(PAGE, WRITTEN | {"name": name, "address": f"https://{name}.example.org"})
        row = next(one for one in kept(database) if one.name == name)
        academy.post(f"{PAGE}{row.id}/ouvrir", {"version": row.version})
    last = kept(database)[-1]
    assert academy.post(f"{PAGE}{last.id}/monter").status_code == 303
    page = words(Browser(app).get("/connexion/"))
    assert page.index("par deux") < page.index("par un ")


def test_a_provider_is_tried_before_it_is_opened(academy: Browser, database: Database) -> None:
    with answering() as provider:
        academy.post(PAGE, WRITTEN | {"address": provider.issuer})
        (row,) = kept(database)
        path = f"{PAGE}{row.id}/"
        academy.post(f"{path}essai")
        assert "1 clés de signature" in words(academy.get(path))
        provider.metadata = {"issuer": "https://ailleurs.example.org"}
        academy.post(f"{path}essai")
        assert "ne répond pas" in words(academy.get(path))
